import * as z from 'zod'

/** Something that a reviewer must see in what a server says of its tool. A tool with one that blocks is not offered. */
export const ToolFinding = z.object({ severity: z.enum(['warn', 'block']), rule: z.string(), message: z.string() })
export type ToolFinding = z.infer<typeof ToolFinding>

/** A tool of a server, as a draft of a manifest. */
export const OfferedTool = z.object({
  tool: z.string().describe('its name at the server'),
  state: z
    .enum(['new', 'accepted', 'changed', 'refused'])
    .describe('accepted: in force as it is; changed: in force, and not called until it is accepted anew'),
  findings: z.array(ToolFinding),
  manifest: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('a Tool manifest to review; null where it is refused'),
})
export type OfferedTool = z.infer<typeof OfferedTool>

/** The tools that a server offers now. */
export const OfferedTools = z.object({ data: z.array(OfferedTool) })
export type OfferedTools = z.infer<typeof OfferedTools>
