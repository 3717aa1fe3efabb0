/** `node scripts/interfaces.ts`: what users of the SDKs and the command line rely on by its name, one thing a line. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stdout } from 'node:process'
import * as sdk from '@causeway/sdk'
import * as sdkTesting from '@causeway/sdk/testing'
import { describedCommands } from './commands-page.ts'
import { root } from './run-command.ts'

/** Names of the functions in an object and in the objects in it, such as `runs.create`. */
const functionsIn = (value: object, before = ''): string[] =>
  Object.entries(value).flatMap(([name, part]: [string, unknown]) => {
    if (typeof part === 'function') return [`${before}${name}`]
    return typeof part === 'object' && part !== null ? functionsIn(part, `${before}${name}.`) : []
  })

/** Classes and functions of a module of Python that are for others. */
function pythonNamesIn(path: string): string[] {
  let name = ''
  return readFileSync(join(root, path), 'utf8')
    .split('\n')
    .flatMap(line => {
      const [, kind, found = ''] = /^(class |(?: {4})?(?:async )?def )(\w+)/.exec(line) ?? []
      if (kind === undefined) return []
      if (kind === 'class ') name = found
      return [kind.startsWith('    ') ? `${name}.${found}` : found]
    })
    .filter(found => !/(^|\.)_/.test(found))
}

/** All of it, sorted. */
export async function interfaces(): Promise<string[]> {
  const commands = await describedCommands()
  const python = ['client', 'aio', '_worker', '_errors', '_attachments']
  return [
    ...Object.keys(sdk).map(name => `sdk ${name}`),
    ...Object.keys(sdkTesting).map(name => `sdk/testing ${name}`),
    ...functionsIn(sdk.createClient({ apiKey: 'cw_none' })).map(name => `client ${name}`),
    ...python.flatMap(each => pythonNamesIn(`sdks/python/src/causeway/${each}.py`)).map(name => `python ${name}`),
    ...commands.flatMap(({ usage, options }) => [
      // Arguments that may be left out may be added.
      `cli ${usage.replaceAll(/ \[[^\]]*\]/g, '')}`,
      ...options.map(({ long, short }) => `cli ${usage.replace(/ [<[].*/, '')} ${long ?? short}`),
    ]),
  ].toSorted()
}

if (import.meta.main) stdout.write(`${(await interfaces()).join('\n')}\n`)
