import { CausewayError, hasEnded, Manifest, type JsonSchema, type Run } from '@causeway/contracts'
import type { Client } from './create-client.ts'

/** A tool for a loop that a team has written itself. */
export interface GovernedTool {
  readonly name: string
  readonly description: string
  /** JSON Schema of the arguments. */
  readonly inputSchema: JsonSchema
  /**
   * Has Causeway decide on the call, make it and record it. A call that needs a person waits for that, however long.
   * @throws CausewayError with why it was denied or failed, which is what to tell the model
   */
  call(values: Record<string, unknown>): Promise<unknown>
}

export interface GovernedToolsOptions {
  /** The agent whose tools they are, and whose profile and limits hold. */
  agent: string
  /** What the user has said: values in it count as said by the user. */
  input: string
  /** Continue this session. Default: a new one. */
  sessionId?: string
  /** Where in a trace the loop runs (W3C Trace Context), so that its calls stand there too. Default: a new trace for all of them. */
  traceparent?: string
  /** Stops waiting; calls that are made go on. */
  signal?: AbortSignal
}

/** The tools of an agent, all calls of which stand in one session. */
export interface GovernedTools {
  readonly tools: readonly GovernedTool[]
  /** The session with the calls. */
  readonly sessionId: string
  /** To be sent with each call of a model: it then counts as one of the agent, and stands in the session and in the trace too. */
  readonly modelHeaders: Readonly<Record<string, string>>
}

/**
 * The tools of an agent for a loop that is not Causeway's: each call is decided on, approved, carried out, labelled and recorded as in a run of
 * that agent. Calls of one session are made one after the other.
 */
export async function governedTools(client: Client, options: GovernedToolsOptions): Promise<GovernedTools> {
  const { agent, input, signal, traceparent = newTraceparent() } = options
  const stored = Manifest.parse(manifestOf(await client.manifests.get('Agent', agent)))
  if (stored.kind !== 'Agent') throw new CausewayError('not-found', `There is no agent ${agent}.`)
  const manifests = await Promise.all(stored.spec.tools.map(name => client.manifests.get('Tool', name)))
  const sessionId = options.sessionId ?? (await client.sessions.create(agent)).id
  // What was said in a session stays said.
  let said = options.sessionId === undefined ? input : ''
  let last: Promise<unknown> = Promise.resolve()

  const carryOut = async (tool: string, values: Record<string, unknown>): Promise<unknown> => {
    const request = { agent, input: said, calls: [{ tool, arguments: values }], sessionId }
    let run: Run = await client.runs.createAndWait(request, { signal, traceparent })
    said = ''
    while (!hasEnded(run.status)) run = await ended(client, run.id, signal)
    for (const event of await client.runs.events(run.id)) {
      if (event.type === 'tool-denied') throw new CausewayError(event.data.error.code, event.data.error.message)
      if (event.type !== 'tool-responded') continue
      const { outcome, output, error } = event.data
      if (outcome === 'completed') return output
      throw new CausewayError(error?.code ?? 'tool-failed', error?.message ?? 'The tool failed.')
    }
    throw new CausewayError('tool-failed', run.message ?? `The run ${run.id} ended as ${run.status}.`)
  }

  const tools = manifests.map((manifest): GovernedTool => {
    const tool = Manifest.parse(manifestOf(manifest))
    if (tool.kind !== 'Tool') throw new CausewayError('internal', `${manifest.name} is no tool.`)
    return {
      name: tool.name,
      description: tool.spec.description,
      inputSchema: tool.spec.input,
      call(values) {
        const made = last.then(() => carryOut(tool.name, values))
        last = made.catch(() => undefined)
        return made
      },
    }
  })
  return { tools, sessionId, modelHeaders: { 'causeway-session': sessionId, traceparent } }
}

const randomHex = (bytes: number): string =>
  [...crypto.getRandomValues(new Uint8Array(bytes))].map(byte => byte.toString(16).padStart(2, '0')).join('')

/** Source: https://www.w3.org/TR/trace-context/#traceparent-header */
const newTraceparent = (): string => `00-${randomHex(16)}-${randomHex(8)}-01`

/** Follows a run that waits for a person until it has ended. */
async function ended(client: Client, id: string, signal: AbortSignal | undefined): Promise<Run> {
  for await (const item of client.runs.follow(id, { signal })) if (item.type === 'run-ended') break
  return client.runs.get(id)
}

const manifestOf = ({
  kind,
  name,
  description,
  spec,
}: {
  kind: string
  name: string
  description?: string | undefined
  spec: object
}): object => ({
  kind,
  name,
  ...(description !== undefined && { description }),
  spec,
})
