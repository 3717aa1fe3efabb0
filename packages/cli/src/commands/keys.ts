import { CreateApiKey, Right, type ApiKey } from '@causeway/contracts'
import { Option } from 'commander'
import type { DefineCommand } from '../context.ts'
import { print, printJson } from '../output.ts'
import { listCommand, showList, wholeNumber, type ListOptions } from '../show-list.ts'
import { visible } from '../visible.ts'

interface CreateOptions {
  role: CreateApiKey['role']
  right?: Right[]
  only?: string
  team?: string
  user?: string
  expires?: number
}

/** `causeway keys` */
export const defineKeys: DefineCommand = (keys, { json, connect }) => {
  listCommand(keys, 'list API keys').action(async (query: ListOptions) => {
    const { client } = await connect()
    await showList(client.apiKeys, query, {
      json: json(),
      head: ['key', 'name', 'role', 'environment', 'prefix', 'state'],
      row: key => [key.id, key.name, key.role, key.environment ?? 'all', key.prefix, stateOf(key)],
    })
  })
  keys
    .command('allow-client <client-id>')
    .description('let an OAuth client act for you; it is listed and revoked like a key')
    .addOption(new Option('--right <rights...>', 'only these of your rights').choices(Right.options))
    .option('--only <environment>', 'only in one environment')
    .option('--expires <seconds>', 'seconds until it is over', wholeNumber)
    .action(async (clientId: string, { right, only, expires }: Pick<CreateOptions, 'right' | 'only' | 'expires'>) => {
      const { client } = await connect()
      const grant = await client.allowOAuthClient({
        clientId,
        ...(right && { rights: right }),
        ...(only && { environment: only }),
        ...(expires && { expiresInSeconds: expires }),
      })
      if (json()) printJson(grant)
      else print(`${visible(grant.name)}. Take it back with: npx causeway keys revoke ${grant.id}`)
    })
  keys
    .command('create <name>')
    .description('create a key; it is shown this one time')
    .addOption(new Option('--role <role>').choices(CreateApiKey.shape.role.options).makeOptionMandatory())
    .addOption(new Option('--right <rights...>', 'only these rights of the role').choices(Right.options))
    .option('--only <environment>', 'bind the key to one environment')
    .option('--team <id>', 'the team that owns the key')
    .option('--user <id>', 'the person that owns the key')
    .option('--expires <seconds>', 'seconds until it expires', wholeNumber)
    .action(async (name: string, { role, right, only, team, user, expires }: CreateOptions) => {
      const { client } = await connect()
      const key = await client.apiKeys.create({
        name,
        role,
        ...(right && { rights: right }),
        ...(only && { environment: only }),
        ...(team && { teamId: team }),
        ...(user && { userId: user }),
        ...(expires && { expiresInSeconds: expires }),
      })
      if (json()) printJson(key)
      else print(`${key.key}\n\nKeep it now: it is not shown again. Id: ${key.id}`)
    })
  keys
    .command('revoke <id>')
    .description('revoke a key for good: its requests are refused, and its runs end')
    .action(async (id: string) => {
      const key = await (await connect()).client.apiKeys.revoke(id)
      if (json()) printJson(key)
      else print(`${visible(key.name)} is revoked.`)
    })
}

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt) return 'revoked'
  return expiresAt && Date.parse(expiresAt) < Date.now() ? 'expired' : 'valid'
}
