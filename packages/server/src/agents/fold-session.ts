import type {
  Attachment,
  EventData,
  Label,
  NewEvent,
  RequestedToolCall,
  SessionEvent,
  Spent,
  TokenUsage,
} from '@causeway/contracts'
import canonicalize from 'canonicalize'
import type { KeptResult } from './handles.ts'
import { resultText } from './result-text.ts'
import { isAccepted, type PlanState } from './plan.ts'
import { SeenValues } from '../labels/index.ts'
import { assistantMessage, toolMessage, userMessage, type ModelMessage } from '../models/index.ts'

/** Where a tool call of the last model answer stands. */
export interface CallState {
  readonly call: RequestedToolCall
  called?: EventData<'tool-called'>
  approval?: EventData<'approval-requested'>
  /** What it asks the user. */
  question?: EventData<'question-asked'>
  /** The run that it has started. */
  child?: EventData<'child-started'>
  /** The tool has taken it and answers later. */
  accepted?: EventData<'tool-accepted'>
  decided?: EventData<'approval-decided'>
  settled: boolean
  /** What the model is told of it, when it is settled. */
  told?: string
  /** Whether it was not carried out, or has failed. */
  failed?: boolean
}

/** What the events of a session say about its run that has not ended. */
export interface RunState {
  readonly created: EventData<'run-created'>
  /** The whole conversation as a model sees it, without the instructions. */
  readonly messages: readonly ModelMessage[]
  /** Files that came with messages of users. */
  readonly attached: ReadonlyMap<ModelMessage, readonly Attachment[]>
  /** Answers of models in it. */
  readonly turns: number
  /** Tool calls of the last model answer, in its order. */
  readonly calls: readonly CallState[]
  /** The text of the last model answer. */
  readonly text: string
  readonly answered: boolean
  readonly cancelRequested: boolean
  /** Calls of this run whose outcome nobody knows, as `callIdentity` names them. */
  readonly unknownOutcomes: ReadonlySet<string>
  /** What the model has seen in the session, with where it comes from. */
  readonly seen: SeenValues
  /** How often this run has called each tool. */
  readonly callsOf: ReadonlyMap<string, number>
  /** Results that the model was not shown, by their handles. */
  readonly kept: ReadonlyMap<string, KeptResult>
  /** How often a final answer of this run did not match. */
  readonly rejections: number
  /** What judges have said of the answers of this run. */
  readonly verdicts: readonly { accepted: boolean; feedback: string }[]
  /** The call that this run has made most often with the same answer. */
  readonly mostRepeated: RepeatedCall | undefined
  /** How many runs this one has started. */
  readonly children: number
  /** Who acts now, where the session was handed over. */
  readonly actor: { agent: string; agentVersion: string } | undefined
  /** What this run is going to do, as it has said last. */
  readonly plan: PlanState | undefined
  /** How often this run was handed over. */
  readonly handOffs: number
  readonly spent: Omit<Spent, 'seconds'>
}

/** A call that was made again and again, and always told the same. */
export interface RepeatedCall {
  tool: string
  arguments: RequestedToolCall['arguments']
  told: string
  times: number
}

/** What the fold needs of an event: its place and time do not matter. */
type FoldedEvent = NewEvent & Pick<SessionEvent, 'runId'>

/** The state of a run is a fold over the events of its session: nothing else is remembered. */
export class SessionFold {
  readonly #runId: string
  #messages: ModelMessage[] = []
  /** Where each answer of a model stands in the messages. */
  #turns: number[] = []
  /** Where what the user of the last run has said stands. */
  #inputAt = -1
  readonly #attached = new Map<ModelMessage, readonly Attachment[]>()
  readonly #spent = { steps: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0, nanoUsd: 0 }
  #created: EventData<'run-created'> | undefined
  #calls: CallState[] = []
  #text = ''
  #answered = false
  #cancelRequested = false
  #children = 0
  #actor: RunState['actor']
  #handOffs = 0
  #plan: PlanState | undefined
  #rejections = 0
  /** Whether the last run was brought in from a file. */
  #imported = false
  #verdicts: { accepted: boolean; feedback: string }[] = []
  readonly #repeated = new Map<string, number>()
  #mostRepeated: RepeatedCall | undefined
  readonly #unknownOutcomes = new Set<string>()
  readonly #seen = new SeenValues()
  readonly #callsOf = new Map<string, number>()
  readonly #kept = new Map<string, KeptResult>()

  constructor(runId: string) {
    this.#runId = runId
  }

  add(event: FoldedEvent): void {
    const own = event.runId === this.#runId
    switch (event.type) {
      case 'run-created':
        this.#onCreated(event.data)
        this.#answered = false
        if (own) this.#created = event.data
        return
      case 'model-responded':
        this.#onModelResponse(event.data, own)
        return
      case 'context-compacted':
        this.#onCompacted(event.data, own)
        return
      case 'tool-called':
        this.#update(event.data.callId, call => (call.called = event.data))
        if (own) this.#countCall(event.data.tool)
        return
      case 'tool-denied':
        if (own) this.#countRepeats(event.data.callId, event.data.error.message)
        this.#settle(event.data.callId, `denied: ${event.data.error.message}`, true)
        return
      case 'approval-requested':
        this.#update(event.data.callId, call => {
          call.approval = event.data
          delete call.decided
        })
        return
      case 'approval-decided':
        this.#update(event.data.callId, call => (call.decided = event.data))
        return
      case 'tool-responded':
        this.#keep(event.data)
        if (own && event.data.outcome === 'unknown') this.#noteUnknown(event.data.callId)
        this.#see(event.data)
        if (own && event.data.spent) this.#spend(event.data.spent)
        if (own) this.#countRepeats(event.data.callId, resultText(event.data))
        this.#settle(event.data.callId, this.#toldOf(event.data), event.data.outcome !== 'completed')
        return
      case 'question-asked':
        this.#update(event.data.callId, call => (call.question = event.data))
        return
      case 'question-answered':
        this.#hear(event.data.answer)
        if (this.#plan?.callId === event.data.callId) this.#plan.accepted = isAccepted(event.data.answer)
        this.#settle(event.data.callId, event.data.answer, false)
        return
      case 'plan-made':
        this.#onPlan(event.data, own)
        return
      case 'handed-off':
        this.#onHandedOff(event.data, own)
        return
      case 'output-rejected':
        this.#messages.push(userMessage(rejection(event.data.problem)))
        if (!own) return
        this.#answered = false
        this.#rejections++
        return
      case 'tool-accepted':
        this.#update(event.data.callId, call => (call.accepted = event.data))
        return
      case 'answer-evaluated':
        this.#onEvaluated(event.data, own)
        return
      case 'child-started':
        this.#update(event.data.callId, call => (call.child = event.data))
        if (own) this.#children++
        return
      case 'cancel-requested':
        if (own) this.#cancelRequested = true
        return
      case 'run-ended':
        this.#closeOpenCalls(event.data.status)
        return
      case 'approval-escalated':
      case 'approval-delegated':
      case 'note-added':
      case 'model-failed':
      case 'model-called':
      case 'segment-started':
        return
    }
  }

  /** The state after the events so far. @throws Error when the run was not created in them */
  state(): RunState {
    if (!this.#created) throw new Error(`the log of the session has no run-created event of ${this.#runId}`)
    return {
      created: this.#created,
      messages: this.#messages,
      attached: this.#attached,
      turns: this.#turns.length,
      calls: this.#calls,
      text: this.#text,
      answered: this.#answered,
      cancelRequested: this.#cancelRequested,
      unknownOutcomes: this.#unknownOutcomes,
      seen: this.#seen,
      callsOf: this.#callsOf,
      kept: this.#kept,
      mostRepeated: this.#mostRepeated,
      children: this.#children,
      actor: this.#actor,
      handOffs: this.#handOffs,
      plan: this.#plan,
      rejections: this.#rejections,
      verdicts: this.#verdicts,
      spent: this.#spent,
    }
  }

  #onPlan({ callId, steps, mustAsk }: EventData<'plan-made'>, own: boolean): void {
    if (own) this.#plan = { callId, steps, accepted: !mustAsk, callsBefore: new Map(this.#callsOf) }
    if (!mustAsk) this.#settle(callId, 'The plan is noted. Carry it out.', false)
  }

  #onEvaluated({ accepted, feedback, usage, cost }: EventData<'answer-evaluated'>, own: boolean): void {
    if (!accepted) this.#messages.push(userMessage(`Your answer was not accepted: ${feedback} Answer again.`))
    if (!own) return
    this.#verdicts = [...this.#verdicts, { accepted, feedback }]
    if (!accepted) this.#answered = false
    this.#spend({ steps: 1, toolCalls: 0, ...tokensOf(usage), nanoUsd: cost.nanoUsd })
  }

  #onHandedOff({ callId, agent, agentVersion, reason }: EventData<'handed-off'>, own: boolean): void {
    this.#actor = { agent, agentVersion }
    if (own) this.#handOffs++
    this.#settle(callId, `The conversation goes on with ${agent}.${reason ? ` ${reason}` : ''}`, false)
  }

  /** What a user has said, unless a file says so. */
  #hear(text: string): void {
    if (this.#imported) this.#seen.addResult('import', text, { label: untrustedOf('import'), parts: [] })
    else this.#seen.addUserText(text)
  }

  #onCreated(data: EventData<'run-created'>): void {
    const { input, attachments, parent, inherited, imported = false, history = [], calls = [] } = data
    this.#imported = imported
    // A session that was forked in the middle of a run goes on without that run.
    this.#closeOpenCalls('the session goes on from here')
    for (const text of inherited?.said ?? []) this.#hear(text)
    for (const { role, text } of history) {
      this.#messages.push(role === 'user' ? userMessage(text) : assistantMessage(text, []))
      if (role === 'user') this.#hear(text)
      else this.#seen.addResult('history', text, { label: untrustedOf('history'), parts: [] })
    }
    this.#inputAt = input === '' ? -1 : this.#messages.push(userMessage(input)) - 1
    // A model or a stranger wrote it, whatever that had read.
    if (inherited && !imported)
      this.#seen.addResult(parent ? `agent:${parent.agent}` : 'trigger', input, { label: inherited.context, parts: [] })
    else this.#hear(input)
    if (attachments) this.#attach(attachments)
    // For a model that goes on with the session, they were its own.
    if (calls.length > 0) this.#messages.push(assistantMessage('', calls))
    this.#calls = calls.map(call => ({ call, settled: false }))
  }

  /** Users hand over what others have written: what stands in a file nobody has said. */
  #attach(attachments: readonly Attachment[]): void {
    const message = this.#messages[this.#inputAt]
    if (message) this.#attached.set(message, attachments)
    this.#seen.addResult('attachment', '', { label: untrustedOf('attachment'), parts: [] })
  }

  /** What is old becomes its summary; what the user asks for now stays word for word. */
  #onCompacted({ summary, keptTurns, usage, cost }: EventData<'context-compacted'>, own: boolean): void {
    const from = this.#turns.at(-keptTurns) ?? this.#messages.length
    const input = this.#inputAt >= 0 && this.#inputAt < from ? this.#messages[this.#inputAt] : undefined
    const head = [userMessage(summed(summary)), ...(input ? [input] : [])]
    const moved = head.length - from
    this.#turns = this.#turns.slice(-keptTurns).map(place => place + moved)
    this.#inputAt = input ? 1 : this.#inputAt < from ? -1 : this.#inputAt + moved
    this.#messages = [...head, ...this.#messages.slice(from)]
    if (own) this.#spend({ steps: 1, toolCalls: 0, ...tokensOf(usage), nanoUsd: cost.nanoUsd })
  }

  #onModelResponse(data: EventData<'model-responded'>, own: boolean): void {
    this.#turns.push(this.#messages.length)
    this.#messages.push(assistantMessage(data.text, data.toolCalls))
    this.#calls = data.toolCalls.map(call => ({ call, settled: false }))
    this.#text = data.text
    this.#answered = true
    if (!own) return
    this.#spend({ steps: 1, toolCalls: 0, ...tokensOf(data.usage), nanoUsd: data.cost.nanoUsd })
  }

  #spend({ steps, toolCalls, inputTokens, outputTokens, nanoUsd }: RunState['spent']): void {
    this.#spent.steps += steps
    this.#spent.toolCalls += toolCalls
    this.#spent.inputTokens += inputTokens
    this.#spent.outputTokens += outputTokens
    this.#spent.nanoUsd += nanoUsd
  }

  #countCall(tool: string): void {
    this.#spent.toolCalls++
    this.#callsOf.set(tool, (this.#callsOf.get(tool) ?? 0) + 1)
  }

  /** What a tool says when it fails is seen too. */
  #see({ tool, output, error, label, parts, handle }: EventData<'tool-responded'>): void {
    const labels = { label: label ?? untrustedOf(tool), parts: parts ?? [] }
    if (handle) this.#seen.addUnread(tool, output, labels)
    else this.#seen.addResult(tool, output ?? error?.message, labels)
  }

  #keep({ tool, output, handle, label = untrustedOf(tool), parts = [] }: EventData<'tool-responded'>): void {
    if (handle) this.#kept.set(handle.name, { output, label, parts })
  }

  #countRepeats(callId: string, told: string): void {
    const call = this.#calls.find(each => each.call.callId === callId)?.call
    if (!call) return
    const key = `${canonicalize([call.tool, call.arguments])} ${told}`
    const times = (this.#repeated.get(key) ?? 0) + 1
    this.#repeated.set(key, times)
    if (times > (this.#mostRepeated?.times ?? 1))
      this.#mostRepeated = { tool: call.tool, arguments: call.arguments, told, times }
  }

  #noteUnknown(callId: string): void {
    const called = this.#calls.find(each => each.call.callId === callId)?.called
    if (called) this.#unknownOutcomes.add(callIdentity(called.tool, called.arguments))
  }

  /** A model that is told the result of another call than it made is told of which. */
  #toldOf(data: EventData<'tool-responded'>): string {
    const edited = this.#calls.find(({ call }) => call.callId === data.callId)?.decided?.edited
    const change = edited ? `A person has changed the arguments to ${canonicalize(edited.arguments)}.\n` : ''
    return `${change}${resultText(data)}`
  }

  #update(callId: string, change: (call: CallState) => void): void {
    const call = this.#calls.find(each => each.call.callId === callId)
    if (call) change(call)
  }

  #settle(callId: string, text: string, failed: boolean): void {
    // A tool may send a result twice; what was told stays.
    if (this.#calls.find(({ call }) => call.callId === callId)?.settled) return
    this.#update(callId, call => {
      call.settled = true
      call.told = text
      call.failed = failed
    })
    // The model is told in the order in which it asked, whichever came first.
    if (this.#calls.some(({ settled }) => !settled)) return
    for (const { call, told = '', failed: hasFailed = false } of this.#calls)
      this.#messages.push(toolMessage({ callId: call.callId, tool: call.tool, text: told, failed: hasFailed }))
  }

  /** Models refuse a conversation in which a tool call has no result, so a run that ended early closes its own. */
  #closeOpenCalls(status: string): void {
    for (const { call, settled } of this.#calls)
      if (!settled) this.#settle(call.callId, `not carried out: the run ended (${status})`, true)
  }
}

const tokensOf = ({ inputTokens, outputTokens }: TokenUsage) => ({ inputTokens, outputTokens })

const summed = (summary: string): string =>
  `What was said before, summed up; numbers in brackets name events of the log.\n\n${summary}`

const untrustedOf = (origin: string): Label => ({ integrity: 'untrusted', readers: '*', origins: [origin] })

const rejection = (problem: string): string =>
  `Your answer cannot be used: ${problem}. Answer again, with JSON that matches the schema and nothing else.`

/** Tells calls apart by what they do: the tool and its canonical arguments. */
export const callIdentity = (tool: string, values: Record<string, unknown>): string => `${tool} ${canonicalize(values)}`
