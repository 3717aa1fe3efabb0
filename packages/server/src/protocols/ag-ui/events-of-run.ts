import { EventType, type AGUIEvent, type Interrupt } from '@ag-ui/core'
import { askUserTool, type Approval, type EventData, type LiveFrame, type SessionEvent } from '@causeway/contracts'
import { createTextOfSteps, needsApproval, questionText } from '../text-of-steps.ts'

/** How a client of AG-UI names the conversation and the run. */
interface Naming {
  threadId: string
  runId: string
}

/** What an approval that is given back looks like. */
const answerSchema = {
  type: 'object',
  properties: { approved: { type: 'boolean' }, comment: { type: 'string' } },
  required: ['approved'],
}

/** The events of a run as AG-UI 1.0 tells them. The last one is RUN_FINISHED or RUN_ERROR. */
export async function* eventsOfRun(
  log: AsyncIterable<SessionEvent | LiveFrame>,
  { threadId, runId, pending }: Naming & { pending: () => Promise<readonly Approval[]> },
): AsyncGenerator<AGUIEvent, void> {
  const texts = createTextOfSteps()
  let open: string | undefined
  const closeText = function* (): Generator<AGUIEvent> {
    if (open !== undefined) yield { type: EventType.TEXT_MESSAGE_END, messageId: open }
    open = undefined
  }
  yield { type: EventType.RUN_STARTED, threadId, runId, protocolVersion: '1.0' }
  for await (const each of log) {
    const piece = texts.in(each)
    if (piece) {
      const messageId = `${runId}-step${piece.step}`
      if (open !== messageId) {
        yield* closeText()
        yield { type: EventType.TEXT_MESSAGE_START, messageId, role: 'assistant' }
      }
      open = messageId
      yield { type: EventType.TEXT_MESSAGE_CONTENT, messageId, delta: piece.text }
    }
    if (each.type === 'model-responded') {
      yield* closeText()
      for (const { callId, tool, arguments: values } of each.data.toolCalls) {
        // A question is a message, and what the user says next is no result of a tool.
        if (tool === askUserTool) continue
        yield { type: EventType.TOOL_CALL_START, toolCallId: callId, toolCallName: tool }
        const delta = typeof values === 'string' ? values : JSON.stringify(values)
        yield { type: EventType.TOOL_CALL_ARGS, toolCallId: callId, delta }
        yield { type: EventType.TOOL_CALL_END, toolCallId: callId }
      }
    } else if (each.type === 'tool-responded' || each.type === 'tool-denied') yield resultOf(each.data)
    else if (each.type === 'approval-requested') {
      // All that is asked at once stands in the list when the first is told.
      const interrupts = (await pending()).map(interruptOf)
      yield* closeText()
      yield { type: EventType.RUN_FINISHED, threadId, runId, outcome: { type: 'interrupt', interrupts } }
      return
    } else if (each.type === 'question-asked') {
      yield* closeText()
      const messageId = `${runId}-question`
      yield { type: EventType.TEXT_MESSAGE_START, messageId, role: 'assistant' }
      yield { type: EventType.TEXT_MESSAGE_CONTENT, messageId, delta: questionText(each.data) }
      yield { type: EventType.TEXT_MESSAGE_END, messageId }
      yield { type: EventType.RUN_FINISHED, threadId, runId, outcome: { type: 'success' } }
      return
    } else if (each.type === 'run-ended') {
      yield* closeText()
      yield* endOf(each.data, { threadId, runId })
      return
    }
  }
}

function resultOf(data: EventData<'tool-responded'> | EventData<'tool-denied'>): AGUIEvent {
  const output = 'output' in data ? data.output : undefined
  const content = data.error ? `${data.error.code}: ${data.error.message}` : output
  return {
    type: EventType.TOOL_CALL_RESULT,
    messageId: `${data.callId}-result`,
    toolCallId: data.callId,
    content: typeof content === 'string' ? content : JSON.stringify(content ?? null),
    role: 'tool',
  }
}

const interruptOf = ({ id, tool, callId, expiresAt }: Approval): Interrupt => ({
  id,
  reason: 'tool_call',
  message: needsApproval({ approvalId: id, tool }),
  toolCallId: callId,
  responseSchema: answerSchema,
  expiresAt,
})

function* endOf(
  { status, reason, message, output, spent }: EventData<'run-ended'>,
  naming: Naming,
): Generator<AGUIEvent> {
  const usage = [{ inputTokens: spent.inputTokens, outputTokens: spent.outputTokens }]
  if (status === 'succeeded')
    yield { type: EventType.RUN_FINISHED, ...naming, result: output, outcome: { type: 'success' }, usage }
  else if (status === 'cancelled')
    yield { type: EventType.RUN_FINISHED, ...naming, outcome: { type: 'cancelled' }, usage }
  else yield { type: EventType.RUN_ERROR, message: message ?? `The run was ${status}.`, code: reason, usage }
}
