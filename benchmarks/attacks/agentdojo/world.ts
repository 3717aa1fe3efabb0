import { execFileSync, spawn, type ExecFileSyncOptions } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import type { SuiteCall } from '../suite.ts'

const version = '0.1.35'
const home = join(import.meta.dirname, `../../../node_modules/.cache/causeway/peers/agentdojo-${version}`)

const Calls = z.array(z.tuple([z.string(), z.record(z.string(), z.unknown())]))
const Suites = z.record(
  z.string(),
  z.object({
    tools: z.array(z.object({ name: z.string(), description: z.string(), input: z.record(z.string(), z.unknown()) })),
    users: z.array(z.string()),
    injections: z.array(z.string()),
  }),
)
const Begun = z.object({ prompt: z.string(), calls: Calls, attack: Calls, shows: z.int() })
const Ended = z.object({ useful: z.boolean(), arrived: Calls })

/** AgentDojo's environments and tools, in a process of Python. */
export interface AgentDojo extends AsyncDisposable {
  url: string
  suites: z.infer<typeof Suites>
  /** Sets the stage anew. `shows` is the place of the first call of the user's task that brings what the attacker has planted. */
  begin(suite: string, user: string, injection?: string): Promise<z.infer<typeof Begun>>
  /** Whether the user's task is done, by AgentDojo's own check, and the calls that have reached tools. */
  end(): Promise<{ useful: boolean; arrived: readonly SuiteCall[] }>
}

/** Installs AgentDojo where it is not installed yet, which takes Python 3.10 or newer and its package index, and starts it. */
export async function startAgentDojo(): Promise<AgentDojo> {
  const python = join(home, 'bin/python')
  if (!existsSync(join(home, 'installed'))) install(python)
  const child = spawn(python, [join(import.meta.dirname, 'world.py')], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const port = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`AgentDojo ended with ${code} before it served anything.`)))
  })
  const url = `http://127.0.0.1:${port}`
  const ask = async (path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(url + path, body ? { method: 'POST', body: JSON.stringify(body) } : {})
    return response.json()
  }
  return {
    url,
    suites: Suites.parse(await ask('/suites')),
    begin: async (suite, user, injection) =>
      Begun.parse(await ask('/begin', { suite, user, injection: injection ?? null })),
    end: async () => Ended.parse(await ask('/end', {})),
    async [Symbol.asyncDispose]() {
      child.kill()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

function install(python: string): void {
  process.stderr.write(`installing agentdojo ${version} for the comparison …\n`)
  const options: ExecFileSyncOptions = { stdio: ['ignore', 'ignore', 'inherit'] }
  execFileSync('python3', ['-m', 'venv', home], options)
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', `agentdojo==${version}`], options)
  execFileSync('touch', [join(home, 'installed')])
}
