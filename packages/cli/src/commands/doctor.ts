import { CausewayError, errorCatalogue } from '@causeway/contracts'
import { clientOf, settingsOf } from '../connection.ts'
import type { Context, DefineCommand } from '../context.ts'
import { print, printJson, styled } from '../output.ts'
import { visible } from '../visible.ts'

interface Check {
  name: string
  ok: boolean
  detail: string
}

/** `causeway doctor`: each thing that a command needs, in the order in which it is needed; exit code 1 when one is missing. */
export const defineDoctor: DefineCommand = (command, context) => {
  command.action(async () => {
    const checks = await runChecks(context)
    const ok = checks.every(check => check.ok)
    if (context.json()) printJson({ ok, checks })
    else
      for (const check of checks)
        print(
          `${check.ok ? styled('green', '✓') : styled('red', '✗')} ${check.name.padEnd(11)}  ${visible(check.detail)}`,
        )
    context.setExitCode(ok ? 0 : 1)
  })
}

async function runChecks({ options }: Context): Promise<Check[]> {
  const settings = settingsOf(options())
  const { url, key, environment } = settings
  const client = clientOf(settings)
  const server = await look('server', async () => {
    await client.http.json('/healthz')
    return `answers at ${url.value} (${url.from})`
  })
  if (!server.ok) return [server]
  const ready = await look('ready', async () => {
    await client.http.json('/readyz')
    return 'takes requests'
  })
  if (!key.value)
    return [
      server,
      ready,
      { name: 'key', ok: false, detail: `none: set CAUSEWAY_API_KEY, give --key, or make ${key.from} readable` },
    ]
  const me = await look('key', async () => {
    const { actor, role, organisation } = await client.me()
    return `${actor}, ${role} of ${organisation} (${key.from})`
  })
  if (!me.ok) return [server, ready, me]
  const where = await look('environment', async () => `${(await client.me()).environment} (${environment.from})`)
  const agents = await look('agents', async () => {
    const { data, nextCursor } = await client.agents.list({ limit: 200 })
    if (data.length === 0) return 'none yet: causeway apply <folder> puts manifests in force'
    return `${data.length}${nextCursor === null ? '' : ' or more'} can be run`
  })
  return [server, ready, me, where, agents]
}

async function look(name: string, find: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, detail: await find() }
  } catch (error) {
    const remedy = error instanceof CausewayError ? ` ${errorCatalogue[error.code].remedy}` : ''
    return { name, ok: false, detail: `${error instanceof Error ? error.message : String(error)}${remedy}` }
  }
}
