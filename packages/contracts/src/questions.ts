import * as z from 'zod'

/** Name of the tool by which an agent asks its user, where its manifest lets it. */
export const askUserTool = 'ask-user'

/** What an agent asks. */
export const Question = z.strictObject({
  question: z.string().min(1).max(4000).describe('one question, in the words of the user'),
  options: z.array(z.string().min(1).max(200)).max(20).optional().describe('answers to choose from'),
})
export type Question = z.infer<typeof Question>
