import {
  askUserTool,
  handOffTool,
  planTool,
  Question,
  type EventData,
  type EventError,
  type RequestedToolCall,
} from '@causeway/contracts'
import { handOff } from './hand-off.ts'
import { outsidePlan, questionOf, readPlan } from './plan.ts'
import { note, type Segment } from './segment.ts'

/** How a call of a tool that agents have of themselves goes on: it is refused, the user is asked, or it is settled. */
type OwnTool = { refused: EventError } | { question?: EventData<'question-asked'> }

/** Takes a call of what an agent has of itself, and refuses one that its plan does not have; undefined for any other. */
export async function ownTool(segment: Segment, call: RequestedToolCall): Promise<OwnTool | undefined> {
  const { agent, fold } = segment
  if (call.tool === askUserTool && agent.questions) return askUser(segment, call)
  if (call.tool === planTool && agent.plan) return makePlan(segment, call)
  if (call.tool === handOffTool && agent.handoffs) {
    const refused = await handOff(segment, call)
    return refused ? { refused } : {}
  }
  const state = fold.state()
  // Who gives the calls of a run has planned them.
  const refused = agent.plan && !state.created.calls ? outsidePlan(state, call.tool) : undefined
  return refused && { refused }
}

async function askUser(segment: Segment, { callId, tool, arguments: values }: RequestedToolCall): Promise<OwnTool> {
  const asked = Question.safeParse(values)
  if (!asked.success)
    return {
      refused: { code: 'invalid-tool-arguments', message: `${tool} takes {"question": …, "options": […]}.` },
    }
  return ask(segment, { callId, tool, ...asked.data })
}

/** Notes a plan. A person is asked where the manifest says so, and where somebody else may have had a hand in it. */
async function makePlan(segment: Segment, { callId, tool, arguments: values }: RequestedToolCall): Promise<OwnTool> {
  const plan = readPlan(values)
  if ('code' in plan) return { refused: plan }
  const mustAsk = segment.agent.plan === 'approved' || segment.fold.state().seen.context.integrity === 'untrusted'
  note(segment, { events: [{ type: 'plan-made', data: { callId, tool, ...plan, mustAsk } }] })
  return mustAsk ? ask(segment, { callId, tool, ...questionOf(plan) }) : {}
}

/** Asks the user, or takes the answer of the run that is repeated. */
async function ask(segment: Segment, question: EventData<'question-asked'>): Promise<OwnTool> {
  if (!segment.recording) return { question }
  const { callId, tool, ...asked } = question
  const recorded = segment.recording.take(tool, asked)
  if (recorded?.type !== 'question-answered')
    return {
      refused: { code: 'not-recorded', message: 'The user was not asked this in the run that is repeated.' },
    }
  note(segment, {
    events: [
      { type: 'question-asked', data: question },
      { type: 'question-answered', data: { ...recorded.data, callId } },
    ],
  })
  return {}
}
