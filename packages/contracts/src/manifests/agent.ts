import * as z from 'zod'
import { RunLimits } from '../limits.ts'
import { JsonSchema, Name } from '../names.ts'

/** How much is asked of a call once the run has seen what anybody may have written. */
export const SafetyProfile = z.enum(['open', 'balanced', 'strict'])
export type SafetyProfile = z.infer<typeof SafetyProfile>

/** An agent: instructions, a route to models, and the tools that it may ask for. */
export const AgentSpec = z.strictObject({
  instructions: z.string().min(1).max(100_000),
  model: Name.describe('name of a Route'),
  tools: z.array(Name).max(128).default([]).describe('names of Tools'),
  profile: SafetyProfile.default('balanced').describe(
    '"strict" asks for every effect once something untrusted was seen, "balanced" where what matters was not said by the user, "open" never (dev only)',
  ),
  output: JsonSchema.optional().describe(
    'what the final answer must match, as JSON; one that does not is sent back twice. Where it leaves no room for words, the answer is endorsed for an agent that calls this one',
  ),
  evaluation: z
    .strictObject({
      criteria: z.string().min(1).max(20_000).describe('what an answer must be like, as the judge is told'),
      model: Name.optional().describe('name of the Route that judges; that of the agent where nothing is said'),
      rounds: z.number().int().min(1).max(5).default(2).describe('how often an answer is judged, at the most'),
    })
    .optional()
    .describe(
      'has the final answer judged, and sent back with what must be better; a run whose last answer is not accepted fails, with that answer',
    ),
  parallelToolCalls: z
    .boolean()
    .optional()
    .describe(
      'whether tools that the model asks for together are called at the same time; they are unless this is false',
    ),
  questions: z
    .boolean()
    .optional()
    .describe('whether it may ask its user, by the tool ask-user; the run waits for the answer'),
  plan: z
    .enum(['shown', 'approved'])
    .optional()
    .describe(
      'whether it must say what it is going to do, by the tool make-plan, before it calls tools, and whether its user must accept that; calls that the plan does not have are refused',
    ),
  handoffs: z
    .array(Name)
    .min(1)
    .max(32)
    .optional()
    .describe('names of Agents that it can hand the conversation over to, by the tool hand-off'),
  context: z
    .strictObject({
      tokens: z
        .number()
        .int()
        .min(500)
        .max(10_000_000)
        .describe(
          'tokens of the conversation, as estimated, beyond which old results of tools are cut and then what is old is summed up',
        ),
    })
    .optional()
    .describe('how much of the conversation a model is sent; all of it where nothing is said'),
  limits: RunLimits.prefault({}),
  temperature: z.number().min(0).max(2).optional(),
  maxOutputTokens: z.number().int().min(1).max(1_000_000).optional().describe('per model call'),
})
export type AgentSpec = z.infer<typeof AgentSpec>
