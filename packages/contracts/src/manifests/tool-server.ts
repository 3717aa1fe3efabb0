import * as z from 'zod'
import { SecretHandle } from '../names.ts'

/** A server whose tools can be imported. What it says of itself is believed by nobody. */
export const ToolServerSpec = z.strictObject({
  transport: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('mcp-http').describe('MCP over streamable HTTP'),
      url: z.url({ protocol: /^https?$/ }).max(2000),
      headers: z.record(z.string(), z.union([z.string(), SecretHandle])).default({}),
    }),
  ]),
})
export type ToolServerSpec = z.infer<typeof ToolServerSpec>
