import { setTimeout as sleep } from 'node:timers/promises'
import type { SafetyProfile } from '@causeway/contracts'
import { createScriptedModel, type ScriptedTurn } from '@causeway/sdk/testing'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { LocalPlatform } from '../../local-platform.ts'
import { decide, settle } from '../play.ts'
import type { SuiteCall } from '../suite.ts'

/** What is done in the name of a user, by names of tools of the platform. */
export interface Script {
  agent: string
  prompt: string
  calls: readonly SuiteCall[]
  /** What a person grants. */
  wanted: readonly SuiteCall[]
}

/** One way in which calls come to the platform. @returns how many approvals were asked for */
export type Way = (platform: LocalPlatform, script: Script) => Promise<number>

/** How the tools are called, and under which profile. */
export interface WayOfPlaying {
  name: string
  profile: SafetyProfile
  way: Way
}

interface ScriptedRuns extends AsyncDisposable {
  /** The address of the model that plays what a run is to do. */
  modelUrl: string
  play: Way
}

/** Calls that a model asks for in a run. */
export async function scriptedRuns(): Promise<ScriptedRuns> {
  let [calls, at]: [readonly SuiteCall[], number] = [[], 0]
  const model = await createScriptedModel({
    respond: (): ScriptedTurn => {
      const next = calls[at++]
      return next ? { toolCalls: [{ name: next[0], arguments: next[1] }] } : { text: 'Done.' }
    },
  })
  return {
    modelUrl: model.baseUrl,
    async play({ client }, { agent, prompt, wanted, ...script }) {
      ;[calls, at] = [script.calls, 0]
      return settle(client, await client.runs.createAndWait({ agent, input: prompt }), wanted)
    },
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  }
}

const waits = /^The call waits for a person \(([^)]+)\)/

/** Calls that a client of MCP makes, which says what the user has said. */
export const overMcp: Way = async ({ url, apiKey, client }, { agent, prompt, calls, wanted }) => {
  const session = await client.sessions.create(agent)
  const mcp = new Client({ name: 'agentdojo', version: '1' })
  const headers = {
    authorization: `Bearer ${apiKey}`,
    'causeway-session': session.id,
    'causeway-input': encodeURIComponent(prompt),
  }
  await mcp.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/v1/agents/${agent}/mcp`), { requestInit: { headers } }),
  )
  let approvals = 0
  for (const [name, values] of calls) {
    const call = async (): Promise<string | undefined> => {
      const { content } = await mcp.callTool({ name, arguments: values })
      return waits.exec(content[0]?.type === 'text' ? content[0].text : '')?.[1]
    }
    const approval = await call()
    if (approval === undefined) continue
    approvals++
    await decide(client, await client.approvals.get(approval), wanted)
    for (const end = Date.now() + 30_000; (await call()) !== undefined; await sleep(2))
      if (Date.now() > end) throw new Error(`The call ${approval} is not made.`)
  }
  await mcp.close()
  return approvals
}
