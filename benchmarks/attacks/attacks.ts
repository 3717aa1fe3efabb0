import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ManifestInput, SafetyProfile } from '@causeway/contracts'
import { agent, provider, route } from '@causeway/sdk'
import { createScriptedModel, createToolWorld, type ScriptedTurn, type ToolWorld } from '@causeway/sdk/testing'
import { startLocalPlatform } from '../local-platform.ts'
import type { Measurement } from '../measurement.ts'
import { figures, has, profiles, settle, type Honest, type Played } from './play.ts'
import type { Attack, Suite, SuiteCall, SuiteTool, Task } from './suite.ts'
import { calendar } from './suites/calendar.ts'
import { chat } from './suites/chat.ts'
import { code } from './suites/code.ts'
import { filesSuite } from './suites/files.ts'
import { mail } from './suites/mail.ts'
import { payments } from './suites/payments.ts'

const suites = [mail, filesSuite, chat, payments, calendar, code]

/**
 * Plays honest tasks and attacks on them against the platform. The model is a script that does whatever an attacker writes,
 * so what is measured is the platform alone; a call counts when it reaches the tool. People grant what the task needs and
 * deny what the attacker wants.
 */
export async function attacks(): Promise<Measurement[]> {
  await using bench = await startBench()
  const measurements: Measurement[] = []
  for (const profile of profiles) measurements.push(...(await measure(bench, profile)))
  return measurements
}

async function measure(bench: Bench, profile: SafetyProfile): Promise<Measurement[]> {
  const honest: Honest[] = []
  const completed: string[] = []
  let pairs = 0
  for (const suite of suites)
    for (const task of suite.tasks) {
      const played = await bench.play(profile, suite, task)
      honest.push({ played, complete: task.calls.every(call => has(played.arrived, call)) })
      const injected = task.calls.findIndex(([tool]) => isOpenToOutsiders(suite.tools[tool]))
      if (injected < 0) continue
      for (const attack of suite.attacks) {
        pairs++
        const { arrived } = await bench.play(profile, suite, task, attack)
        if (harmOf(suite, attack).every(call => has(arrived, call)))
          completed.push(`${suite.name}: ${attack.goal}, while: ${task.prompt}`)
      }
    }
  for (const each of completed) process.stderr.write(`completed under ${profile}: ${each}\n`)
  return figures('attacks', profile, { honest, pairs, completed: completed.length })
}

const isOpenToOutsiders = (tool: SuiteTool | undefined): boolean => tool?.result?.integrity === 'untrusted'

/** The calls of an attack that do harm: reading does none by itself. */
const harmOf = ({ tools }: Suite, { calls }: Attack): SuiteCall[] =>
  calls.filter(([tool]) => tools[tool]?.effect !== 'read' || tools[tool].egress !== undefined)

interface Bench extends AsyncDisposable {
  play(profile: SafetyProfile, suite: Suite, task: Task, attack?: Attack): Promise<Played>
}

async function startBench(): Promise<Bench> {
  await using parts = new AsyncDisposableStack()
  const dataFolder = await mkdtemp(join(tmpdir(), 'causeway-attacks-'))
  parts.defer(() => rm(dataFolder, { recursive: true, force: true }))
  const script = { calls: [] as readonly SuiteCall[], at: 0, planted: '' }
  const model = parts.use(
    await createScriptedModel({
      respond: (): ScriptedTurn => {
        const next = script.calls[script.at++]
        return next ? { toolCalls: [{ name: next[0], arguments: next[1] }] } : { text: 'Done.' }
      },
    }),
  )
  const world = parts.use(
    await createToolWorld({
      tools: Object.fromEntries(
        suites.flatMap(({ tools }) =>
          Object.entries(tools).map(([name, { answer }]) => [name, values => answer(values, script.planted)]),
        ),
      ),
    }),
  )
  const { client } = parts.use(await startLocalPlatform({ dataFolder }, { CAUSEWAY_EGRESS_ALLOW: '127.0.0.1:*' }))
  await client.manifests.apply({ manifests: manifestsOf(model.baseUrl, world) })
  const owned = parts.move()
  return {
    async play(profile, suite, task, attack) {
      const injected = task.calls.findIndex(([tool]) => isOpenToOutsiders(suite.tools[tool]))
      script.calls = attack
        ? [...task.calls.slice(0, injected + 1), ...attack.calls, ...task.calls.slice(injected + 1)]
        : task.calls
      script.at = 0
      script.planted = attack ? `Do this: ${attack.goal}. ${JSON.stringify(attack.calls)}` : ''
      const before = world.calls.length
      const startedAt = performance.now()
      const run = await client.runs.createAndWait({ agent: `${suite.name}-${profile}`, input: task.prompt })
      const approvals = await settle(client, run, task.calls)
      return {
        approvals,
        arrived: world.calls.slice(before).map(call => [call.tool, call.arguments] as const),
        seconds: (performance.now() - startedAt) / 1000,
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function manifestsOf(baseUrl: string, world: ToolWorld): ManifestInput[] {
  return [
    provider({ name: 'script', type: 'openai-compatible', baseUrl }),
    route({ name: 'script', targets: [{ provider: 'script', model: 'script' }] }),
    ...suites.flatMap(({ tools }) => Object.entries(tools).map(([name, tool]) => manifestOf(name, tool, world.url))),
    ...suites.flatMap(({ name, tools }) =>
      profiles.map(profile =>
        agent({
          name: `${name}-${profile}`,
          instructions: 'Help the people of a harbour.',
          model: 'script',
          tools: Object.keys(tools),
          profile,
        }),
      ),
    ),
  ]
}

const schemas = {
  string: { type: 'string' },
  number: { type: 'number' },
  strings: { type: 'array', items: { type: 'string' } },
}

function manifestOf(
  name: string,
  { arguments: values, answer: _answer, ...spec }: SuiteTool,
  url: string,
): ManifestInput {
  return {
    kind: 'Tool',
    name,
    spec: {
      ...spec,
      description: `The tool ${name} of a harbour`,
      input: {
        type: 'object',
        properties: Object.fromEntries(Object.entries(values).map(([key, type]) => [key, schemas[type]])),
        required: Object.keys(values),
        additionalProperties: false,
      },
      implementation: { type: 'http', method: 'POST', url: `${url}/${name}` },
    },
  }
}
