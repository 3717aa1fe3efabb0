import {
  CausewayError,
  type DecisionReason,
  type Manifest,
  type PolicySpec,
  type ProblemPlace,
} from '@causeway/contracts'
import {
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  preparseSchema,
  validate,
  type DetailedError,
} from '@cedar-policy/cedar-wasm/nodejs'
import { checkConditions, conditionsOf, type Condition } from './conditions.ts'
import { defaultPolicies, policySchema } from './vocabulary.ts'

const schemaName = 'causeway'
parsedOrThrow(preparseSchema(schemaName, policySchema))

/** Policies by their id. The prefix keeps a tenant's policy from taking the place of a built-in one. */
type PoliciesById = Record<string, string>

/** A set of policies that Cedar keeps parsed under a name. */
export interface PreparsedPolicySet {
  readonly name: string
  readonly schemaName: string
  /** What is decided by the arguments of calls. */
  readonly conditions: readonly Condition[]
  /** Every name that is in a policy: no answer depends on an attribute that is not among them. */
  readonly names: ReadonlySet<string>
  /** What the engine has answered: an answer depends on nothing but the policies and the question, and asking takes a while. */
  readonly answers: Map<string, PolicyAnswer>
}

/** What the policies say to a question. */
export interface PolicyAnswer {
  allowed: boolean
  reasons: DecisionReason[]
}

/** What a Policy manifest has that decides. */
interface ParsedPolicy extends Pick<PolicySpec, 'conditions'> {
  name: string
  cedar: string
}

/**
 * Parses the built-in policies and those of the manifests and keeps them under the given name; the same name replaces what it held.
 * @throws CausewayError internal when a stored policy does not parse, so that every decision on it fails closed.
 */
export function preparse(name: string, manifests: readonly ParsedPolicy[]): PreparsedPolicySet {
  const policies: PoliciesById = Object.assign(
    {},
    split('', defaultPolicies),
    ...manifests.map(each => split(`${each.name}/`, each.cedar)),
  )
  parsedOrThrow(preparsePolicySet(name, { staticPolicies: policies }))
  return {
    name,
    schemaName,
    conditions: conditionsOf(manifests),
    names: new Set(Object.values(policies).flatMap(namesIn)),
    answers: new Map(),
  }
}

/** Read from the JSON form of the policy, which has each name whole: in its text one may be written `context["te\\u{61}m"]`. */
function namesIn(policy: string): string[] {
  const parsed = policyToJson(policy)
  if (parsed.type === 'failure') throw unusable(parsed.errors)
  return Array.from(JSON.stringify(parsed.json).matchAll(/"(\w+)"/g), ([, name = '']) => name)
}

/** The problems of a Policy manifest: text that does not parse, names that the vocabulary does not have. Other kinds have none. */
export function checkPolicyManifest(manifest: Manifest): ProblemPlace[] {
  if (manifest.kind !== 'Policy') return []
  const answer = validate({
    schema: policySchema,
    policies: { staticPolicies: manifest.spec.cedar },
    validationSettings: { mode: 'strict' },
  })
  const errors = answer.type === 'failure' ? answer.errors : answer.validationErrors.map(({ error }) => error)
  const repeated = answer.type === 'failure' ? [] : repeatedIds(manifest.spec.cedar)
  return [
    ...repeated,
    ...checkConditions(manifest),
    ...errors.map(error => ({ pointer: '/spec/cedar', message: describe(error, manifest.spec.cedar) })),
  ]
}

function repeatedIds(text: string): ProblemPlace[] {
  const parts = policySetTextToParts(text)
  const ids = parts.type === 'success' ? parts.policies.map(idOf).filter(id => id !== undefined) : []
  return ids
    .filter((id, index) => ids.indexOf(id) !== index)
    .map(id => ({ pointer: '/spec/cedar', message: `expected each @id once, got "${id}" again` }))
}

function split(prefix: string, text: string): PoliciesById {
  const parts = policySetTextToParts(text)
  if (parts.type === 'failure') throw unusable(parts.errors)
  const policies: PoliciesById = {}
  for (const [index, policy] of parts.policies.entries()) {
    const id = prefix + (idOf(policy) ?? String(index + 1))
    if (id in policies) throw new CausewayError('internal', `Two policies have the id ${id}.`)
    policies[id] = policy
  }
  return policies
}

function idOf(policy: string): string | undefined {
  const parsed = policyToJson(policy)
  const id = parsed.type === 'success' ? parsed.json.annotations?.['id'] : undefined
  return id ?? undefined
}

function parsedOrThrow(answer: { type: 'success' } | { type: 'failure'; errors: DetailedError[] }): void {
  if (answer.type === 'failure') throw unusable(answer.errors)
}

const unusable = (errors: readonly DetailedError[]): CausewayError =>
  new CausewayError('internal', `The policies cannot be used: ${errors.map(({ message }) => message).join('; ')}`)

function describe({ message, help, sourceLocations }: DetailedError, text: string): string {
  const start = sourceLocations?.[0]?.start
  const line = start === undefined ? '' : `line ${text.slice(0, start).split('\n').length} of the policy: `
  return `${line}${message}${help ? ` (${help})` : ''}`
}
