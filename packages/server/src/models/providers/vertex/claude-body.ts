import { scanObject } from '../../dialects/json-scan.ts'
import { splice } from '../../dialects/json-splice.ts'
import type { Operation } from '../provider-adapter.ts'

// Source: https://docs.claude.com/en/api/claude-on-vertex-ai
const version = '"anthropic_version":"vertex-2023-10-16"'

/**
 * A request of Anthropic's dialect as Vertex AI takes it: the model stands in the address in place of the body, but
 * for counting tokens, and a version stands in the body in place of a header. All other bytes stay.
 */
export function claudeBody(body: Buffer, operation: Operation): Buffer {
  const { members } = scanObject(body, new Set(['model']))
  return splice(
    body,
    members.map(({ keyStart, end }) =>
      operation === 'count-tokens'
        ? { start: keyStart, end: keyStart, text: `${version},` }
        : { start: keyStart, end, text: version },
    ),
  )
}
