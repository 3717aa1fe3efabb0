import { CausewayError, type ProblemPlace } from '@causeway/contracts'
import type { FastifySchemaValidationError } from 'fastify'

/** Where a part of the request stands in the JSON Pointers of problems: /body/name, /query/limit, /params/id. */
const partNames: Readonly<Record<string, string>> = { querystring: 'query' }

/** The error for a request that does not match the schema of its route; every wrong place is named. */
export function invalidRequest(found: readonly FastifySchemaValidationError[], part = 'body'): CausewayError {
  const problems = found.map(({ instancePath, message }): ProblemPlace => {
    const path = instancePath === '/' ? '' : instancePath
    return { pointer: `/${partNames[part] ?? part}${path}`, message: message ?? 'is not valid' }
  })
  const [first] = problems
  const detail = first ? `${first.pointer}: ${first.message}` : 'The request is not valid.'
  return new CausewayError('invalid-request', detail, { problems })
}
