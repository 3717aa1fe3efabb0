import {
  isDevelopment,
  type DecisionReason,
  type Label,
  type ManifestOf,
  type Readers,
  type RunScope,
  type SafetyProfile,
  type TracedArgument,
} from '@causeway/contracts'
import { isAmong, mayRead } from '../labels/index.ts'

/** What is known of a call of a tool and of what the model had seen before it asked for it. */
export interface CallFlow {
  profile: SafetyProfile
  environment: string
  /** What the tools of the agent can bring together. */
  reach: AgentReach
  /** What the run said beforehand that it is for. */
  scope: RunScope | undefined
  now: Date
  /** Calls of this tool that the run has made. */
  callsMade: number
  /** The label of all that the model has seen. */
  context: Label
  critical: readonly TracedArgument[]
  /** Where the call brings something, with whether the user named it. */
  destinations: readonly (TracedArgument & { value: string })[]
  /** Addresses of sites in what goes out. */
  links: readonly (TracedArgument & { value: string })[]
  /** Whether all that goes out was said by the user. */
  payloadStated: boolean
}

/** Data that not everybody may see, texts that anybody may have written, and ways out: dangerous only together. */
export interface AgentReach {
  privateData: boolean
  untrustedInput: boolean
  egress: boolean
}

type Tool = Pick<ManifestOf<'Tool'>, 'name' | 'spec'>
type Rule = (tool: Tool, flow: CallFlow) => string | undefined

/** What no call may do. Nothing that a tenant writes loosens these. */
const denials: Readonly<Record<string, Rule>> = {
  'outside-scope': ({ name }, { scope }) =>
    scope?.tools && !scope.tools.includes(name)
      ? `The run said beforehand that it needs ${scope.tools.join(', ') || 'no tools'}; ${name} is none of them.`
      : undefined,

  'calls-used-up': ({ name }, { scope, callsMade }) => {
    const most = scope?.calls && Object.hasOwn(scope.calls, name) ? scope.calls[name] : undefined
    return most !== undefined && callsMade >= most
      ? `The run said beforehand that it calls ${name} ${most} times at most.`
      : undefined
  },

  'out-of-use': ({ name, spec: { deprecation } }, { now }) =>
    deprecation && Date.parse(deprecation.endsAt) <= now.getTime()
      ? `${name} is out of use since ${deprecation.endsAt}${deprecation.successor ? `; ${deprecation.successor} takes its place` : ''}.`
      : undefined,

  'open-outside-dev': (_tool, { profile, environment }) =>
    profile === 'open' && !isDevelopment(environment)
      ? `The profile "open" is for dev only, and this is ${environment}.`
      : undefined,

  'open-with-all-three': (_tool, { profile, reach: { privateData, untrustedInput, egress } }) =>
    profile === 'open' && privateData && untrustedInput && egress
      ? 'The tools of the agent bring private data, texts of outsiders and ways out together, which the profile "open" may not.'
      : undefined,
}

/** What a person is asked about. */
const questions: Readonly<Record<string, Rule>> = {
  'effect-after-untrusted': ({ name, spec }, { profile, context }) =>
    profile === 'strict' && context.integrity === 'untrusted' && (spec.effect !== 'read' || spec.egress)
      ? `${name} has an effect, and the model has read what outsiders may have written (${context.origins.join(', ')}).`
      : undefined,

  'argument-not-stated': (tool, { context, critical }) => {
    if (context.integrity !== 'untrusted' || !isRisky(tool)) return undefined
    const doubtful = critical.filter(({ origin }) => origin === 'untrusted' || origin === 'model-made')
    if (doubtful.length > 0)
      return `The user did not say ${doubtful.map(told).join(', ')}, and the model has read what outsiders may have written.`
    return critical.length === 0 && tool.spec.risk >= 3
      ? `${tool.name} is risky, nothing in the call was said by the user, and the model has read what outsiders may have written.`
      : undefined
  },

  'link-not-stated': (_tool, { context, links }) => {
    const doubtful = links.filter(({ origin }) => origin === 'untrusted' || origin === 'model-made')
    return context.integrity === 'untrusted' && doubtful.length > 0
      ? `The user did not say the link ${doubtful.map(({ value }) => value).join(', ')} that goes out.`
      : undefined
  },

  'destination-not-listed': ({ name, spec }, { context, destinations }) => {
    if (!spec.egress || spec.effect !== 'read' || context.integrity !== 'untrusted') return undefined
    const { allowed } = spec.egress
    const doubtful = destinations.filter(({ origin, value }) => !isSaid(origin) && !isAmong(allowed, hostOf(value)))
    return doubtful.length > 0
      ? `${name} would go to ${doubtful.map(({ value }) => value).join(', ')}, which neither the user said nor the tool lists.`
      : undefined
  },

  'reader-not-allowed': ({ name, spec }, { context, destinations, payloadStated }) => {
    if (!spec.egress || context.readers === '*' || payloadStated) return undefined
    const { readers } = context
    const others = destinations.filter(({ origin, value }) => origin !== 'user-stated' && !mayRead(readers, value))
    if (others.length > 0)
      return `${others.map(({ value }) => value).join(', ')} may not see what the model has read (${readersOf(readers)} may).`
    return destinations.length === 0 && !mayRead(readers, `tool:${name}`)
      ? `${name} would see what only ${readersOf(readers)} may.`
      : undefined
  },
}

/** Why a call is denied; empty when nothing built in denies it. */
export const deniedBy = (tool: Tool, flow: CallFlow): DecisionReason[] => reasons(denials, tool, flow)

/** Why a person is asked; empty when nothing built in asks. */
export const askedBy = (tool: Tool, flow: CallFlow): DecisionReason[] =>
  flow.profile === 'open' ? [] : reasons(questions, tool, flow)

/** Where the critical arguments come from, all together: one word for policies. */
export function originOf({ critical }: CallFlow): 'none' | 'user-stated' | 'trusted' | 'other' {
  if (critical.length === 0) return 'none'
  if (critical.every(({ origin }) => origin === 'user-stated')) return 'user-stated'
  return critical.every(({ origin }) => isSaid(origin)) ? 'trusted' : 'other'
}

const reasons = (rules: Readonly<Record<string, Rule>>, tool: Tool, flow: CallFlow): DecisionReason[] =>
  Object.entries(rules).flatMap(([id, rule]) => {
    const message = rule(tool, flow)
    return message === undefined ? [] : [{ source: 'invariant' as const, id, message }]
  })

const isRisky = ({ spec }: Tool): boolean =>
  spec.risk >= 3 || (spec.effect !== 'read' && (spec.risk >= 2 || spec.egress !== undefined))

const isSaid = (origin: TracedArgument['origin']): boolean => origin === 'user-stated' || origin === 'trusted'

const told = ({ pointer, origin, from }: TracedArgument): string =>
  origin === 'untrusted'
    ? `${pointer} (it stands in what ${from.join(', ')} answered)`
    : `${pointer} (the model made it)`

const readersOf = (readers: Readers): string =>
  readers === '*' ? 'everybody' : readers.length === 0 ? 'nobody' : readers.slice(0, 5).join(', ')

/** The host of a URL; whatever else names a destination as it is. */
function hostOf(destination: string): string {
  return URL.canParse(destination) ? new URL(destination).hostname : destination
}
