import type { HistoryMessage, NewAttachment } from '@causeway/contracts'
import type { TraceContext } from '../../http/index.ts'
import type { Caller } from '../../identity/index.ts'
import type { ModelEvent } from '../model-event.ts'
import type { OutgoingHeaders } from './begun-answer.ts'

/** What a client says to an agent that it calls as a model. */
export interface AgentCall {
  agent: string
  input: string
  /** Files that came with it. */
  attachments: NewAttachment[]
  history: HistoryMessage[]
  /** The session to go on with, by its id or by the id (a UUID) of a run in it. */
  session: { id: string } | { ofRun: string } | undefined
  /** Where in a trace of the client it was asked for. */
  trace?: TraceContext | undefined
  signal: AbortSignal
}

/** The answer of an agent, which has begun to work. */
export interface AgentAnswer {
  /** UUID of the run. */
  runId: string
  headers: OutgoingHeaders
  /** Fails as the run does. When nobody reads on before its end, the run is cancelled. */
  events: AsyncIterable<ModelEvent>
}

/** Agents, which clients of models can call as if they were some. */
export interface AgentModels {
  list(caller: Caller): Promise<string[]>
  /** @throws CausewayError not-found, missing-right, session-busy, and what creating a run throws */
  begin(caller: Caller, call: AgentCall): Promise<AgentAnswer>
}
