import * as z from 'zod'

/** What a manifest says for people. No model is shown it. */
export const forPeople = {
  owner: z.string().min(1).max(200).optional().describe('who answers for it: a team, a person or an address'),
  documentation: z
    .string()
    .min(1)
    .max(20_000)
    .optional()
    .describe('for people, in Markdown, or the address of a page; no model is shown it'),
}
