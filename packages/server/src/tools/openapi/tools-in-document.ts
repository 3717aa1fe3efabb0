import { CausewayError, type ManifestInput, type ToolFinding } from '@causeway/contracts'
import * as z from 'zod'
import { jsonSchemaOf, NotConvertible, resolved } from './local-references.ts'

/** An operation of a document, as a tool. */
export interface ToolOfOperation {
  /** Method and path. */
  operation: string
  findings: ToolFinding[]
  manifest: Extract<ManifestInput, { kind: 'Tool' }> | undefined
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const
type Method = (typeof methods)[number]

const Document = z
  .object({
    openapi: z.string().regex(/^3\.[01]\./, 'expected OpenAPI 3.0 or 3.1'),
    servers: z.array(z.object({ url: z.string() }).loose()).optional(),
    paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  })
  .loose()
const Parameter = z
  .object({
    name: z.string().min(1).max(200),
    in: z.enum(['path', 'query', 'header', 'cookie']),
    required: z.boolean().default(false),
    description: z.string().optional(),
    schema: z.record(z.string(), z.unknown()).default({ type: 'string' }),
  })
  .loose()
const Operation = z
  .object({
    operationId: z.string().max(200).optional(),
    summary: z.string().optional(),
    description: z.string().optional(),
    deprecated: z.boolean().optional(),
    parameters: z.array(Parameter).default([]),
    requestBody: z
      .object({
        required: z.boolean().optional(),
        content: z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()).optional() }).loose()),
      })
      .loose()
      .optional(),
    security: z.array(z.record(z.string(), z.unknown())).optional(),
  })
  .loose()
type Operation = z.infer<typeof Operation>

const operationsAtMost = 1000

/**
 * Makes a draft of a Tool of each operation. What cannot be sent by a tool is said, and not left out.
 * @throws CausewayError invalid-request for a document that is no OpenAPI 3.0 or 3.1
 */
export function toolsInDocument(
  input: unknown,
  { prefix, baseUrl }: { prefix: string; baseUrl?: string | undefined },
): ToolOfOperation[] {
  const parsed = Document.safeParse(input)
  if (!parsed.success) throw unusable(z.prettifyError(parsed.error))
  const document = parsed.data
  const base = baseUrl ?? document.servers?.[0]?.url
  if (base === undefined || !/^https?:\/\//.test(base))
    throw unusable('The document names no server with a whole address; say which with "baseUrl".')
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap(method => (item[method] === undefined ? [] : [{ path, method, item }])),
  )
  if (operations.length > operationsAtMost) throw unusable(`The document has more than ${operationsAtMost} operations.`)
  return operations.map(({ path, method, item }): ToolOfOperation => {
    const operation = `${method.toUpperCase()} ${path}`
    const warnings: ToolFinding[] = []
    const warn = (rule: string, message: string): void => void warnings.push({ severity: 'warn', rule, message })
    try {
      const whole = resolved(document, { ...(item[method] as object), shared: item['parameters'] ?? [] })
      const read = Operation.extend({ shared: z.array(Parameter) }).safeParse(whole)
      if (!read.success) throw new NotConvertible(z.prettifyError(read.error))
      const { shared, ...own } = read.data
      const named = new Set(own.parameters.map(each => `${each.in} ${each.name}`))
      own.parameters.push(...shared.filter(each => !named.has(`${each.in} ${each.name}`)))
      const security = own.security ?? (document['security'] as Operation['security'])
      if (security?.some(each => Object.keys(each).length > 0))
        warn(
          'needs-credentials',
          `It asks for ${security.flatMap(each => Object.keys(each)).join(', ')}: add a header with a secret.`,
        )
      if (own.deprecated) warn('deprecated', 'The document calls it deprecated.')
      return { operation, findings: warnings, manifest: toolOf({ prefix, base, path, method, operation: own, warn }) }
    } catch (error) {
      if (!(error instanceof NotConvertible)) throw error
      return {
        operation,
        findings: [{ severity: 'block', rule: 'not-convertible', message: error.message }],
        manifest: undefined,
      }
    }
  })
}

interface Convertible {
  prefix: string
  base: string
  path: string
  method: Method
  operation: Operation
  warn: (rule: string, message: string) => void
}

function toolOf({ prefix, base, path, method, operation, warn }: Convertible): ToolOfOperation['manifest'] {
  const { operationId, summary, description, parameters } = operation
  const input = inputOf(method, operation, warn)
  const name = nameOf(`${prefix}-${operationId ?? `${method}-${path}`}`)
  return {
    kind: 'Tool',
    name,
    spec: {
      description:
        [summary, description].filter(Boolean).join('\n').slice(0, 4000) || `${method.toUpperCase()} ${path}`,
      input,
      ...suggestionOf(method, `${operationId ?? ''} ${path}`, warn),
      ...(parameters.some(each => each.in === 'path') && {
        criticalArguments: parameters.filter(each => each.in === 'path').map(each => `/${each.name}`),
      }),
      implementation: {
        type: 'http',
        method: method.toUpperCase() as 'GET',
        url: `${base.replace(/\/$/, '')}${path}`,
      },
    },
  }
}

const final =
  /\b(delete|remove|cancel|refund|pay|payment|transfer|charge|send|publish|terminate|revoke|purge|destroy|close)/i

/** What a method and the words of its name suggest. A reviewer decides. */
function suggestionOf(
  method: Method,
  words: string,
  warn: Convertible['warn'],
): { effect: 'read' | 'write' | 'irreversible'; risk: number } {
  const plain = words.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll(/[^A-Za-z]+/g, ' ')
  if (method === 'get') {
    if (!final.test(plain)) return { effect: 'read', risk: 1 }
    warn('not-only-a-read', 'It is a GET, and its name says that it does something.')
    return { effect: 'write', risk: 3 }
  }
  return { effect: method === 'delete' || final.test(plain) ? 'irreversible' : 'write', risk: 3 }
}

function inputOf(method: Method, { parameters, requestBody }: Operation, warn: Convertible['warn']) {
  const properties: Record<string, unknown> = {}
  const required: string[] = []
  const add = (name: string, schema: unknown, isRequired: boolean): void => {
    if (Object.hasOwn(properties, name)) throw new NotConvertible(`It has two arguments named ${name}.`)
    properties[name] = jsonSchemaOf(schema)
    if (isRequired) required.push(name)
  }
  const hasBody = method !== 'get' && method !== 'delete'
  for (const { name, in: place, required: isRequired, description, schema } of parameters) {
    // A tool sends what is left over in the query or in the body, and has headers of its own only.
    const isSent = place === 'path' || (place === 'query' && !hasBody)
    if (isSent)
      add(name, { ...schema, ...(description !== undefined && { description }) }, isRequired || place === 'path')
    else if (isRequired)
      throw new NotConvertible(`It needs the ${place} parameter ${name}, which a tool of this method does not send.`)
    else warn('parameter-left-out', `The ${place} parameter ${name} is left out.`)
  }
  if (requestBody) {
    const schema = requestBody.content['application/json']?.schema
    if (!hasBody || schema?.['type'] !== 'object')
      throw new NotConvertible('Its body is not a JSON object with named members.')
    const needed = Array.isArray(schema['required']) ? schema['required'] : []
    for (const [name, each] of Object.entries(schema['properties'] ?? {}))
      add(name, each, requestBody.required === true && needed.includes(name))
  }
  return { type: 'object', properties, required, additionalProperties: false }
}

/** A name of a manifest. */
const nameOf = (wanted: string): string =>
  wanted
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '')

const unusable = (message: string): CausewayError =>
  new CausewayError('invalid-request', `The document cannot be used: ${message}`, {
    problems: [{ pointer: '/document', message }],
  })
