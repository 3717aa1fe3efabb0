import * as z from 'zod'

/** How far a value can be relied on: what people and configuration say, what was checked, what anybody may have written. */
export const Integrity = z.enum(['trusted', 'endorsed', 'untrusted'])
export type Integrity = z.infer<typeof Integrity>

/** Who may see a value: everybody, or the addresses, domains (`@example.com`) and names of a list. */
export const Readers = z.union([z.literal('*'), z.array(z.string().min(1).max(320)).max(1000)])
export type Readers = z.infer<typeof Readers>

/** What is known of where a value comes from. Labels join: the worst integrity, the readers of both, the rest of either. */
export const Label = z.object({
  integrity: Integrity,
  readers: Readers,
  origins: z.array(z.string()).describe('the tools that it came from; empty for what the user and the agent say'),
  flags: z.array(z.string()).optional().describe('what guardrails have found in it; absent where nothing was'),
  dataClasses: z
    .array(z.string())
    .optional()
    .describe('the classes of data that it may be of; absent where it is of none'),
})
export type Label = z.infer<typeof Label>

/** A pointer into a value (RFC 6901) in which a part may be `*`, which stands for every element of a list. */
export const ValuePointer = z
  .string()
  .max(500)
  .regex(/^(\/([^~/]|~[01])*)+$/, 'expected a JSON pointer such as /to or /rows/*/from')

/** Where an argument of a call comes from, as far as that can be traced. */
export const ArgumentOrigin = z.enum(['user-stated', 'trusted', 'untrusted', 'model-made'])
export type ArgumentOrigin = z.infer<typeof ArgumentOrigin>

/** An argument that matters, and where it comes from. */
export const TracedArgument = z.object({
  pointer: z.string(),
  origin: ArgumentOrigin,
  from: z.array(z.string()).describe('the tools in whose results it stands'),
})
export type TracedArgument = z.infer<typeof TracedArgument>
