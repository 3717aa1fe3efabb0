import { handOffTool } from '../hand-off.ts'
import { planTool } from '../run-plan.ts'
import { askUserTool } from '../questions.ts'
import type { ProblemPlace } from '../errors.ts'
import type { JsonSchema } from '../names.ts'
import { checkHttpImplementation } from './check-http-implementation.ts'
import { checkJsonSchema } from './check-json-schema.ts'
import type { ManifestOf } from './manifest.ts'

function checkRoot(input: JsonSchema): ProblemPlace[] {
  if (input['type'] === 'object') return []
  const pointer = 'type' in input ? '/spec/input/type' : '/spec/input'
  return [{ pointer, message: 'expected "type: object" at the root of the input schema: arguments have names' }]
}

function checkCache({ cacheSeconds, effect }: ManifestOf<'Tool'>['spec']): ProblemPlace[] {
  if (cacheSeconds === undefined || effect === 'read') return []
  const message = `expected nothing: a tool with effect "${effect}" must be called each time`
  return [{ pointer: '/spec/cacheSeconds', message }]
}

function checkRetries({ retries, idempotent, effect }: ManifestOf<'Tool'>['spec']): ProblemPlace[] {
  if (retries === 0 || idempotent || effect === 'read') return []
  const message = `expected 0, got ${retries}: only a tool that is idempotent or has effect "read" may be repeated`
  return [{ pointer: '/spec/retries', message }]
}

function checkAsks({ implementation, result }: ManifestOf<'Tool'>['spec']): ProblemPlace[] {
  if (!('asks' in implementation) || !implementation.asks || !result.handle) return []
  const message = 'expected nothing: what the tool answers is kept from clients, and so would be what it asks them'
  return [{ pointer: '/spec/implementation/asks', message }]
}

/** Seconds of a processor that a call of code may take. */
const codeSecondsAtMost = 10

function checkCode({ effect, egress, timeoutSeconds }: ManifestOf<'Tool'>['spec']): ProblemPlace[] {
  const problems: ProblemPlace[] = []
  if (effect !== 'read')
    problems.push({
      pointer: '/spec/effect',
      message: `expected "read", got "${effect}": code in the sandbox has no effect`,
    })
  if (egress)
    problems.push({ pointer: '/spec/egress', message: 'expected nothing: code in the sandbox reaches nobody' })
  if (timeoutSeconds > codeSecondsAtMost)
    problems.push({
      pointer: '/spec/timeoutSeconds',
      message: `expected at most ${codeSecondsAtMost} for code, got ${timeoutSeconds}`,
    })
  return problems
}

/** What a call must say, by what it is carried out by. */
const neededArgument: Readonly<Partial<Record<ManifestOf<'Tool'>['spec']['implementation']['type'], string>>> = {
  'mcp-resources': 'uri',
  'mcp-prompts': 'name',
  'mcp-completions': 'argument',
}

function checkContext({ implementation: { type }, input, effect }: ManifestOf<'Tool'>['spec']): ProblemPlace[] {
  const needed = neededArgument[type]
  if (needed === undefined) return []
  const required: unknown = input['required']
  return [
    ...(Array.isArray(required) && required.includes(needed)
      ? []
      : [{ pointer: '/spec/input/required', message: `expected "${needed}" among what is required` }]),
    ...(effect === 'read' ? [] : [{ pointer: '/spec/effect', message: `expected "read", got "${effect}"` }]),
  ]
}

function checkIdempotency({
  idempotencyArguments,
  effect,
  implementation,
}: ManifestOf<'Tool'>['spec']): ProblemPlace[] {
  if (!idempotencyArguments) return []
  const pointer = '/spec/idempotencyArguments'
  if (effect === 'read') return [{ pointer, message: 'expected nothing for effect read, which may be repeated' }]
  return implementation.type === 'agent'
    ? [{ pointer, message: 'expected nothing for an agent; say it of the tools that the agent calls' }]
    : []
}

/** What a call of a memory must say, by what it does. */
const neededOfMemory = { remember: 'text', recall: undefined, forget: 'id' } as const

function checkMemory(spec: ManifestOf<'Tool'>['spec']): ProblemPlace[] {
  const { implementation, input, effect, egress, cacheSeconds, result } = spec
  if (implementation.type !== 'memory') return []
  const problem = (at: string, message: string): ProblemPlace => ({ pointer: `/spec/${at}`, message })
  const { operation } = implementation
  const needed = neededOfMemory[operation]
  const required: unknown = input['required']
  const reads = operation === 'recall'
  return [
    ...(needed === undefined || (Array.isArray(required) && required.includes(needed))
      ? []
      : [problem('input/required', `expected "${needed}" among what is required`)]),
    ...((effect === 'read') === reads
      ? []
      : [problem('effect', `expected "${reads ? 'read' : 'write'}" to ${operation}, got "${effect}"`)]),
    ...(egress ? [problem('egress', 'expected nothing: what is remembered stays here')] : []),
    ...(cacheSeconds === undefined
      ? []
      : [problem('cacheSeconds', 'expected nothing: people have their own memories')]),
    ...(result.parts.length > 0
      ? [problem('result/parts', 'expected nothing: each memory keeps the label of what it came from')]
      : []),
  ]
}

/** What the schema of a Tool cannot say about it. */
export function checkTool({ name, spec }: ManifestOf<'Tool'>): ProblemPlace[] {
  const { input, output, implementation } = spec
  const reserved = [askUserTool, handOffTool, planTool].includes(name)
    ? [{ pointer: '/name', message: `expected another name: ${name} is what agents have of themselves` }]
    : []
  return [
    ...reserved,
    ...(spec.deprecation?.successor === name
      ? [{ pointer: '/spec/deprecation/successor', message: 'expected another tool than this one' }]
      : []),
    ...checkRoot(input),
    ...checkJsonSchema(input, ['spec', 'input']),
    ...(output ? checkJsonSchema(output, ['spec', 'output']) : []),
    ...(spec.contractTests ?? []).flatMap((test, index) =>
      test.output ? checkJsonSchema(test.output, ['spec', 'contractTests', index, 'output']) : [],
    ),
    ...checkRetries(spec),
    ...checkIdempotency(spec),
    ...checkCache(spec),
    ...checkContext(spec),
    ...checkAsks(spec),
    ...checkMemory(spec),
    ...(implementation.type === 'code' ? checkCode(spec) : []),
    ...(implementation.type === 'http' ? checkHttpImplementation(name, implementation, input) : []),
  ]
}
