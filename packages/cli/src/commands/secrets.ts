import { SecretUse, type Secret } from '@causeway/contracts'
import { Option } from 'commander'
import type { DefineCommand } from '../context.ts'
import { print, printJson } from '../output.ts'
import { readSecret } from '../read-secret.ts'
import { listCommand, showList, wholeNumber, type ListOptions } from '../show-list.ts'
import { visible } from '../visible.ts'

/** `causeway secrets` */
export const defineSecrets: DefineCommand = (secrets, { json, connect }) => {
  listCommand(secrets, 'list the secrets of the environment; their values are not shown').action(
    async (query: ListOptions) => {
      const { client } = await connect()
      await showList(client.secrets, query, {
        json: json(),
        head: ['secret', 'version', 'for', 'updated', 'by', 'used by'],
        row: ({ name, version, use, updatedAt, updatedBy, usedBy }) => [
          name,
          String(version),
          use,
          updatedAt,
          updatedBy,
          usedBy.join(' '),
        ],
      })
    },
  )
  secrets
    .command('set <name>')
    .description('give a secret a value, which is typed unseen or read from standard input')
    .addOption(new Option('--for <use>', 'what may use it; as before where it is left out').choices(SecretUse.options))
    .addOption(
      new Option('--from-version <number>', 'take the value of an earlier version again')
        .argParser(wholeNumber)
        .conflicts('for'),
    )
    .action(async (name: string, { for: use, fromVersion }: { for?: SecretUse; fromVersion?: number }) => {
      const { client } = await connect()
      const secret = await client.secrets.set(
        name,
        fromVersion === undefined ? { value: await readSecret(name), ...(use && { use }) } : { fromVersion },
      )
      if (json()) printJson(secret)
      else print(`${secret.name} is set (version ${secret.version}, for ${secret.use}).${users(secret, ' Used by')}`)
    })
  secrets
    .command('delete <name>')
    .description('delete a secret with all its versions')
    .action(async (name: string) => {
      const secret = await (await connect()).client.secrets.delete(name)
      if (json()) printJson(secret)
      else print(`${secret.name} is deleted.${users(secret, ' Still named by')}`)
    })
  secrets
    .command('rotate-keys')
    .description('encrypt the keys of all secrets under the newest master key; can be repeated when it breaks off')
    .action(async () => {
      const rotation = await (await connect()).client.secrets.rotateKeys()
      if (json()) printJson(rotation)
      else
        print(
          `${rotation.rewrapped} of ${rotation.total} keys were wrapped anew; the master key is ${rotation.masterKey}` +
            `${rotation.created ? ', made now' : ''}.`,
        )
    })
}

const users = ({ usedBy }: Secret, words: string): string =>
  usedBy.length > 0 ? `${words}: ${usedBy.map(visible).join(', ')}.` : ''
