import * as z from 'zod'
import { Name } from './names.ts'

/** Name of the tool by which an agent hands the conversation over, where its manifest names agents for that. */
export const handOffTool = 'hand-off'

/** To whom a conversation is handed over. */
export const HandOff = z.strictObject({
  agent: Name,
  reason: z.string().max(4000).optional().describe('what the other agent should know'),
})
export type HandOff = z.infer<typeof HandOff>
