import { systemMessage, type ModelRequest } from '../model-request.ts'
import type { Quirks } from './dialect.ts'

/** Whether a server can be asked for JSON of a schema. */
export const takesSchemas = ({ jsonSchema = 'json_schema' }: Quirks): boolean => jsonSchema === 'json_schema'

/** The request with the schema of the answer in words, where the server takes none. Some servers also want the word JSON in them. */
export function schemaInWords(request: ModelRequest, quirks: Quirks): ModelRequest {
  const { output, messages } = request
  if (output?.type !== 'json-schema' || takesSchemas(quirks)) return request
  const about = output.description ? ` (${output.description})` : ''
  const text = `Answer with nothing but JSON that matches this JSON Schema${about}:\n${JSON.stringify(output.schema)}`
  const [first, ...rest] = messages
  if (first?.role !== 'system') return { ...request, messages: [systemMessage(text), ...messages] }
  return {
    ...request,
    messages: [{ ...first, content: [...first.content, { type: 'text', text: `\n\n${text}` }] }, ...rest],
  }
}
