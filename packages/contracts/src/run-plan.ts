import * as z from 'zod'
import { Name } from './names.ts'

/** Name of the tool by which an agent says what it is going to do, where its manifest wants a plan. */
export const planTool = 'make-plan'

/** What an agent is going to do, in order. */
export const RunPlan = z.strictObject({
  steps: z
    .array(
      z.strictObject({
        what: z.string().min(1).max(1000).describe('one step, in the words of the user'),
        tool: Name.optional().describe('the tool that it takes'),
        calls: z.number().int().min(1).max(1000).optional().describe('how many calls of it, one where nothing is said'),
      }),
    )
    .min(1)
    .max(50),
})
export type RunPlan = z.infer<typeof RunPlan>
