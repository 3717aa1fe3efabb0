import { createHash } from 'node:crypto'
import type { Tool } from '@modelcontextprotocol/client'
import canonicalize from 'canonicalize'

/** What a server says of one of its tools, as far as it decides what a model is told or sends. */
export type ToolDefinition = Pick<
  Tool,
  'name' | 'title' | 'description' | 'inputSchema' | 'outputSchema' | 'annotations'
>

/** SHA-256 of all that a server says of a tool: a change of one letter is another tool. */
export function definitionHash({
  name,
  title,
  description,
  inputSchema,
  outputSchema,
  annotations,
}: ToolDefinition): string {
  const said = { name, title, description, inputSchema, outputSchema, annotations }
  return createHash('sha256')
    .update(canonicalize(JSON.parse(JSON.stringify(said))) ?? '')
    .digest('hex')
}
