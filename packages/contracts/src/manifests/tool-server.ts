import * as z from 'zod'
import { SecretHandle } from '../names.ts'
import { forPeople } from './for-people.ts'
import { ClientCredentials } from './tool-auth.ts'

const path = z
  .string()
  .max(1000)
  .regex(/^\/[^\0]*$/, 'expected an absolute path')

/** A program that speaks MCP over its standard input and output. Each call has a process of its own, which reaches no network and no other folders. */
export const McpStdioTransport = z.strictObject({
  type: z.literal('mcp-stdio').describe('MCP over the standard input and output of a program'),
  command: z
    .string()
    .min(1)
    .max(1000)
    .describe('`node`, the name of a program of the system, or a path in one of the folders'),
  arguments: z.array(z.string().max(4000)).max(100).default([]),
  environment: z
    .record(z.string().regex(/^[A-Za-z_]\w{0,99}$/), z.union([z.string().max(4000), SecretHandle]))
    .default({}),
  folders: z
    .array(z.strictObject({ path, writable: z.boolean().default(false) }))
    .max(20)
    .default([])
    .describe('what the program sees beside the system; the operator must allow each'),
})
export type McpStdioTransport = z.infer<typeof McpStdioTransport>

/** A server whose tools can be imported. What it says of itself is believed by nobody. */
export const ToolServerSpec = z.strictObject({
  ...forPeople,
  transport: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('mcp-http').describe('MCP over streamable HTTP'),
      url: z.url({ protocol: /^https?$/ }).max(2000),
      headers: z.record(z.string(), z.union([z.string(), SecretHandle])).default({}),
      auth: ClientCredentials.optional(),
    }),
    McpStdioTransport,
  ]),
})
export type ToolServerSpec = z.infer<typeof ToolServerSpec>
