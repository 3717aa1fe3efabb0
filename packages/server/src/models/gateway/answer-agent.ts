import { AttachmentType, CausewayError, type HistoryMessage, type NewAttachment } from '@causeway/contracts'
import { traceContextOf } from '../../http/index.ts'
import type { Caller } from '../../identity/index.ts'
import { callDeadline } from '../call-deadline.ts'
import { textOf } from '../content.ts'
import { isRecord } from '../dialects/head-members.ts'
import { parseBody } from '../dialects/parse-body.ts'
import type { ModelMessage, ModelRequest } from '../model-request.ts'
import type { StoredResponses } from '../responses/index.ts'
import type { AgentCall, AgentModels } from './agent-models.ts'
import type { Exchange } from './answer-generate.ts'
import type { ModelEndpoint } from './client-dialects.ts'
import { ClientGone } from './client-gone.ts'
import { translateStream, translateWhole } from './translate-answer.ts'
import { watchDeparture } from './watch-departure.ts'

const prefix = 'agent:'

/** The name of the model that an agent is called by. */
export const agentModelOf = (name: string): string => prefix + name

/** A request for an agent that is called as a model. */
interface CallOfAgent {
  agent: string
  body: Buffer
  /** The response from which the conversation goes on. */
  previous: string | undefined
}

/** What of a request is for an agent; requests for others are not read for it. @throws CausewayError not-found, and as reading the head does */
export function agentCallIn(
  sent: Buffer,
  { dialect, address }: Pick<ModelEndpoint, 'dialect' | 'address'>,
): CallOfAgent | undefined {
  if (address.model === undefined && !sent.includes(`"${prefix}`)) return undefined
  const { body, previous } = withoutPrevious(sent)
  const { model } = dialect.readHead(body, address)
  if (!model.startsWith(prefix)) return undefined
  return { agent: model.slice(prefix.length), body, previous }
}

/** How long an answer of an agent is waited for, in milliseconds; a run that takes longer is to be followed as a run. */
const answerAtMostMs = 30 * 60_000

interface AgentDependencies {
  agents: AgentModels | undefined
  storedResponses: StoredResponses | undefined
}

interface AgentRequest extends CallOfAgent, Pick<ModelEndpoint, 'dialect' | 'address'> {
  caller: Caller
}

/**
 * Answers a request for a model that is an agent, as a run of it.
 * @throws CausewayError for everything that the client is to be told, ClientGone
 */
export async function answerAgent(
  { agents, storedResponses }: AgentDependencies,
  { caller, agent, body: own, previous, dialect, address }: AgentRequest,
  { request, response, headers, framing }: Exchange,
): Promise<void> {
  if (!agents) throw new CausewayError('model-not-found', `There is no model "${prefix}${agent}".`)
  const stored = dialect.name === 'openai-responses' ? await storedResponses?.resolve(caller, own) : undefined
  const body = stored?.body ?? own
  const { stream } = dialect.readHead(body, address)
  const asked = dialect.readRequest(body, address)
  const said = readMessages(asked)
  const named = request.headers['causeway-session']
  const session = previous ? { ofRun: runOf(previous) } : typeof named === 'string' ? { id: named } : undefined
  using deadline = callDeadline(answerAtMostMs)
  using _ = watchDeparture(response, () => deadline.abort(new ClientGone()))
  const call: AgentCall = {
    agent,
    input: said.input,
    attachments: said.attachments,
    history: session ? [] : said.history,
    session,
    trace: traceContextOf(request.headers),
    signal: deadline.signal,
  }
  const answer = await agents.begin(caller, call)
  const parsed = parseBody(own)
  const options = {
    dialect,
    // The id of the answer is that of the run, by which the conversation goes on.
    head: {
      requestId: answer.runId,
      created: Math.floor(Date.now() / 1000),
      model: prefix + agent,
      request: {
        ...(isRecord(parsed) ? parsed : {}),
        ...stored?.repeated,
        ...(previous && { previous_response_id: previous }),
      },
    },
    inputCharacters: body.length,
    dropped: droppedFrom(asked),
    framing,
  }
  const begun = stream ? translateStream(answer.events, options) : await translateWhole(answer.events, options)
  await begun.send(response, { ...headers, ...answer.headers }, stored?.keep)
}

/** The id of the response that the request goes on from, and the rest of the request. */
function withoutPrevious(sent: Buffer): { body: Buffer; previous: string | undefined } {
  const parsed = parseBody(sent)
  if (!isRecord(parsed) || typeof parsed['previous_response_id'] !== 'string')
    return { body: sent, previous: undefined }
  const { previous_response_id: _previous, ...rest } = parsed
  return { body: Buffer.from(JSON.stringify(rest)), previous: parsed['previous_response_id'] }
}

/** The run that gave a response: their ids have the same digits. */
function runOf(response: string): string {
  const [, ...parts] = /^resp_([\da-f]{8})([\da-f]{4})([\da-f]{4})([\da-f]{4})([\da-f]{12})$/.exec(response) ?? []
  if (parts.length > 0) return parts.join('-')
  throw new CausewayError('not-found', 'There is no response of this agent with the id in "previous_response_id".', {
    problems: [{ pointer: '/previous_response_id', message: 'not found' }],
  })
}

/** What the user says now, and what was said before. */
function readMessages({ messages, tools, output }: ModelRequest): Pick<AgentCall, 'input' | 'attachments' | 'history'> {
  const refuse = (pointer: string, why: string): CausewayError =>
    new CausewayError('invalid-request', why, { problems: [{ pointer, message: 'not possible with an agent' }] })
  if (tools.length > 0) throw refuse('/tools', 'An agent calls its own tools; send none.')
  if (output) throw refuse('/response_format', 'The form of its answer is said in the manifest of an agent.')
  const last = messages.findLastIndex(({ role }) => role === 'assistant')
  const now = messages.slice(last + 1)
  const input = now.map(textIn).filter(Boolean).join('\n\n')
  if (input === '') throw refuse('/messages', 'The last message is to be one of the user, with words.')
  return {
    input,
    attachments: now.flatMap(filesIn),
    // What was shown before, the agent has seen then; it is not shown again.
    history: messages.slice(0, last + 1).flatMap((message): HistoryMessage[] => {
      const text = [textIn(message), ...filesIn(message).map(({ name }) => `[${name}]`)].filter(Boolean).join('\n')
      return text === '' ? [] : [{ role: message.role === 'assistant' ? 'assistant' : 'user', text }]
    }),
  }

  function textIn(message: ModelMessage): string {
    if (message.role === 'tool') throw refuse('/messages', 'An agent calls its own tools; send no results of tools.')
    return textOf(message.content)
  }

  function filesIn(message: ModelMessage): NewAttachment[] {
    if (message.role !== 'user') return []
    return message.content.flatMap(part => {
      if (part.type === 'text') return []
      const mediaType = AttachmentType.safeParse(part.type === 'media' ? part.mediaType : undefined).data
      if (part.type !== 'media' || part.source.type !== 'base64' || !mediaType)
        throw refuse('/messages', `Agents are sent texts, and files as bytes: ${AttachmentType.options.join(', ')}.`)
      return [{ name: part.name ?? part.media, mediaType, data: part.source.data }]
    })
  }
}

/** What clients send with every request, and what an agent says in its manifest. */
const ofManifest = ['temperature', 'topP', 'topK', 'maxOutputTokens', 'seed', 'stop', 'reasoning'] as const

const droppedFrom = (request: ModelRequest): string[] => ofManifest.filter(field => request[field] !== undefined)
