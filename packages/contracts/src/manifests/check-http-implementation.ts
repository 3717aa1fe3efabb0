import type * as z from 'zod'
import type { ProblemPlace } from '../errors.ts'
import type { JsonSchema } from '../names.ts'
import { handleWanted, isCredential, namesSecret, urlSecretProblem } from './check-secrets.ts'
import { jsonPointer } from './json-pointer.ts'
import type { ToolAuth } from './tool-auth.ts'
import type { HttpImplementation } from './tool.ts'

const scalarTypes = new Set<unknown>(['string', 'number', 'integer', 'boolean'])
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isScalar(schema: unknown): boolean {
  if (!isRecord(schema)) return false
  const type = schema['type']
  if (type !== undefined) return Array.isArray(type) ? type.every(each => scalarTypes.has(each)) : scalarTypes.has(type)
  const values = 'const' in schema ? [schema['const']] : schema['enum']
  return Array.isArray(values) && values.every(value => value !== null && typeof value !== 'object')
}

function checkPlaceholders(url: string, input: JsonSchema): ProblemPlace[] {
  const pointer = '/spec/implementation/url'
  const names = [...url.matchAll(/\{([^{}]+)\}/g)].map(match => match[1] ?? '')
  const problems: ProblemPlace[] = []
  if (/[{}]/.test(url.replaceAll(/\{[^{}]+\}/g, '')))
    problems.push({
      pointer,
      message: 'expected every placeholder to be written as {name}, got a brace that stands alone',
    })
  const required = Array.isArray(input['required']) ? input['required'] : []
  const properties = isRecord(input['properties']) ? input['properties'] : {}
  for (const name of new Set(names)) {
    const wanted = `expected the placeholder {${name}} to be a required property of the input schema`
    if (!required.includes(name)) problems.push({ pointer, message: wanted })
    else if (!Object.hasOwn(properties, name) || !isScalar(properties[name]))
      problems.push({ pointer, message: `${wanted} with a scalar type (string, number, integer or boolean)` })
  }
  return problems
}

function headerProblem(tool: string, name: string, value: unknown): string | undefined {
  if (!headerName.test(name)) return 'expected the name of an HTTP header'
  if (typeof value !== 'string') return undefined
  if (namesSecret(name) || isCredential(value)) return handleWanted(tool, name)
  // A line break in a value would begin another header.
  return /[\r\n\0]/.test(value) ? 'expected a header value on one line' : undefined
}

/** Headers that are none, and values that should be handles. */
export const checkHeaders = (
  manifest: string,
  headers: Readonly<Record<string, unknown>>,
  place: readonly string[],
): ProblemPlace[] =>
  Object.entries(headers).flatMap(([name, value]) => {
    const message = headerProblem(manifest, name, value)
    return message ? [{ pointer: jsonPointer([...place, name]), message }] : []
  })

/** Whether what goes to an address can be read on its way by those only who may read it. */
function isPrivateEnough(address: string): boolean {
  const url = URL.parse(address)
  return url?.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname ?? '')
}

/** What the schema cannot say about how calls are signed in. */
export function checkAuth(
  auth: ToolAuth | undefined,
  headers: Readonly<Record<string, unknown>>,
  place: readonly string[],
): ProblemPlace[] {
  if (!auth || auth.type === 'mtls') return []
  const own = Object.keys(headers).find(name => name.toLowerCase() === 'authorization')
  const secret = 'tokenUrl' in auth ? urlSecretProblem(auth.tokenUrl) : undefined
  return [
    ...(own === undefined
      ? []
      : [{ pointer: jsonPointer([...place, 'headers', own]), message: 'expected nothing: "auth" writes this header' }]),
    ...(secret ? [{ pointer: jsonPointer([...place, 'auth', 'tokenUrl']), message: secret }] : []),
    ...('tokenUrl' in auth && !isPrivateEnough(auth.tokenUrl)
      ? [
          {
            pointer: jsonPointer([...place, 'auth', 'tokenUrl']),
            message: 'expected an https address: the secret of the client goes there',
          },
        ]
      : []),
  ]
}

/** What the schema cannot say about a tool that is called over HTTP. */
export function checkHttpImplementation(
  tool: string,
  { url, headers, auth }: z.infer<typeof HttpImplementation>,
  input: JsonSchema,
): ProblemPlace[] {
  const secret = urlSecretProblem(url)
  return [
    ...checkPlaceholders(url, input),
    ...(secret ? [{ pointer: '/spec/implementation/url', message: secret }] : []),
    ...checkHeaders(tool, headers, ['spec', 'implementation', 'headers']),
    ...checkAuth(auth, headers, ['spec', 'implementation']),
  ]
}
