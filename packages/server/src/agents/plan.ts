import { planTool, Question, RunPlan, type EventData, type EventError, type JsonSchema } from '@causeway/contracts'
import * as z from 'zod'
import type { ModelTool } from '../models/index.ts'

/** What a run is going to do. */
export interface PlanState extends RunPlan {
  readonly callId: string
  /** Whether it may be carried out. */
  accepted: boolean
  /** The calls of each tool that were made before. */
  readonly callsBefore: ReadonlyMap<string, number>
}

const { $schema: _dialect, ...input } = z.toJSONSchema(RunPlan) as JsonSchema

/** How models are told that they must plan. */
export const planDefinition: ModelTool = {
  name: planTool,
  description:
    'Says what you are going to do, step by step, before you do it. Name the tool of each step and how often you will call it: other calls are refused. Make a new plan when this one does not lead there.',
  input,
}

/** What a person is asked about a plan, and the answer with which it may be carried out. */
export const questionOf = ({ steps }: RunPlan): { question: string; options: string[] } => ({
  question: `May this be done?\n${steps.map(lineOf).join('\n')}`,
  options: ['yes', 'no'],
})

export const isAccepted = (answer: string): boolean => answer.trim().toLowerCase() === 'yes'

const lineOf = ({ what, tool, calls = 1 }: RunPlan['steps'][number], index: number): string =>
  `${index + 1}. ${what}${tool === undefined ? '' : ` (${tool}${calls === 1 ? '' : `, ${calls} times`})`}`

/** Why a call is not what the plan of the run has, if it is not. */
export function outsidePlan(
  { plan, callsOf }: { plan: PlanState | undefined; callsOf: ReadonlyMap<string, number> },
  tool: string,
): EventError | undefined {
  const refused = (message: string): EventError => ({ code: 'policy-denied', message })
  if (!plan?.accepted) return refused(`Make a plan first, with ${planTool}.`)
  const planned = plan.steps.reduce((sum, step) => sum + (step.tool === tool ? (step.calls ?? 1) : 0), 0)
  if (planned === 0) return refused(`The plan does not have ${tool}.`)
  const made = (callsOf.get(tool) ?? 0) - (plan.callsBefore.get(tool) ?? 0)
  return made < planned ? undefined : refused(`The plan has ${planned} calls of ${tool}, and they are made.`)
}

/** The plan that a model makes, or what is wrong with it. */
export function readPlan(values: EventData<'tool-denied'>['arguments']): RunPlan | EventError {
  const plan = RunPlan.safeParse(values)
  // A person who accepts a plan has seen all of it.
  if (plan.success && Question.safeParse(questionOf(plan.data)).success) return plan.data
  if (plan.success)
    return { code: 'invalid-tool-arguments', message: 'The plan is too long to be shown: say it shorter.' }
  return {
    code: 'invalid-tool-arguments',
    message: `${planTool} takes {"steps": [{"what": …, "tool": …, "calls": …}]}.`,
  }
}
