import type { Decision, DecisionReason, ManifestOf } from '@causeway/contracts'
import {
  statefulIsAuthorized,
  type CedarValueJson,
  type EntityJson,
  type EntityUidJson,
} from '@cedar-policy/cedar-wasm/nodejs'
import { askedBy, deniedBy, originOf, type CallFlow } from './call-rules.ts'
import { heldOn } from './conditions.ts'
import type { PolicyAnswer, PreparsedPolicySet } from './policy-set.ts'

interface Circumstances {
  readonly environment: string
  readonly role: string
  readonly requestedBy: string
  /** Name of the team of whoever asks; null without one. */
  readonly team: string | null
}

/** What is to be decided. */
export type DecisionRequest =
  | {
      action: 'call-model'
      /** The agent whose run calls, or the key that calls by itself. */
      principal: { agent: string } | { key: string }
      route: string
      provider: string
      model: string
      /** Where the provider processes data; null where that is not known. */
      region: string | null
      /** The classes of the data that is sent. */
      dataClasses: readonly string[]
      /** The classes of data that the provider may be sent; every one where it is in this process. */
      accepts: readonly string[] | 'every'
      circumstances: Circumstances
    }
  | {
      action: 'call-tool'
      agent: { name: string; tools: readonly string[] }
      tool: Pick<ManifestOf<'Tool'>, 'name' | 'spec'>
      /** Absent where policies are only tried. */
      toolVersion?: string
      /** In their canonical form. */
      arguments: Readonly<Record<string, unknown>>
      /** An earlier call with the same arguments has an unknown outcome in this run. */
      outcomeUnknown: boolean
      flow: CallFlow
      circumstances: Circumstances
    }

/** Answers whether something may happen. Built-in invariants come first and policies cannot loosen them; an engine error denies. */
export function decide(policies: PreparsedPolicySet, request: DecisionRequest): Decision {
  switch (request.action) {
    case 'call-model':
      return decideModelCall(policies, request)
    case 'call-tool':
      return decideToolCall(policies, request)
  }
}

function decideModelCall(policies: PreparsedPolicySet, request: DecisionRequest & { action: 'call-model' }): Decision {
  const { principal: who, route, provider, model, region, dataClasses, accepts, circumstances } = request
  const refused = accepts === 'every' ? [] : dataClasses.filter(each => !accepts.includes(each))
  if (refused.length > 0)
    return {
      answer: 'deny',
      reasons: [
        invariant(
          'data-class-not-accepted',
          `The provider ${provider} may not be sent data of the class ${refused.join(', ')}.`,
        ),
      ],
    }
  const principal = 'agent' in who ? uid('Agent', who.agent) : uid('Key', who.key)
  const resource = uid('Model', `${provider}/${model}`)
  const authorized = ask(
    policies,
    'call-model',
    principal,
    resource,
    { ...contextOf(circumstances), dataClasses: [...dataClasses] },
    [
      'agent' in who ? entity(principal, { tools: [] }) : entity(principal, { role: circumstances.role }),
      entity(resource, { provider, route, region: region ?? '' }),
    ],
  )
  return { answer: authorized.allowed ? 'allow' : 'deny', reasons: authorized.reasons }
}

function decideToolCall(policies: PreparsedPolicySet, request: DecisionRequest & { action: 'call-tool' }): Decision {
  const { context, critical } = request.flow
  return { ...answerToolCall(policies, request), context, arguments: [...critical] }
}

function answerToolCall(policies: PreparsedPolicySet, request: DecisionRequest & { action: 'call-tool' }): Decision {
  const { agent, tool, outcomeUnknown, circumstances, flow } = request
  if (!agent.tools.includes(tool.name))
    return {
      answer: 'deny',
      reasons: [invariant('tool-not-listed', `The agent ${agent.name} does not list the tool ${tool.name}.`)],
    }

  const denied = deniedBy(tool, flow)
  if (denied.length > 0) return { answer: 'deny', reasons: denied }

  const principal = uid('Agent', agent.name)
  const resource = uid('Tool', tool.name)
  const entities = [
    entity(principal, { tools: agent.tools.map(name => ({ __entity: uid('Tool', name) })) }),
    entity(resource, {
      effect: tool.spec.effect,
      risk: tool.spec.risk,
      approval: tool.spec.approval,
      egress: tool.spec.egress !== undefined,
    }),
  ]
  const context = {
    ...contextOf(circumstances),
    profile: flow.profile,
    integrity: flow.context.integrity,
    flags: [...(flow.context.flags ?? [])].toSorted(),
    dataClasses: [...(flow.context.dataClasses ?? [])].toSorted(),
    argumentsFrom: originOf(flow),
  }
  const call = ask(policies, 'call-tool', principal, resource, context, entities)
  if (!call.allowed) return { answer: 'deny', reasons: call.reasons }
  const held = heldOn(policies.conditions, tool.name, request.arguments)
  if (held.deny.length > 0) return { answer: 'deny', reasons: held.deny }

  const asks: DecisionReason[] = [...askedBy(tool, flow), ...held.ask]
  if (outcomeUnknown)
    asks.push(invariant('outcome-unknown', 'The same call was made before and it is not known whether it took effect.'))
  if (tool.spec.approval === 'always')
    asks.push({
      source: 'tool',
      id: 'approval-always',
      message: `The tool ${tool.name} asks for approval of every call.`,
    })
  const unattended = ask(policies, 'call-tool-unattended', principal, resource, context, entities)
  if (!unattended.allowed)
    asks.push(...unattended.reasons.map(reason => (reason.id === noPermit ? unattendedOnly(tool) : reason)))
  return asks.length > 0
    ? { answer: 'ask', reasons: asks }
    : { answer: 'allow', reasons: [...call.reasons, ...unattended.reasons] }
}

/** Answers that are remembered of one set of policies. */
const answersKept = 10_000

function ask(
  policies: PreparsedPolicySet,
  action: string,
  principal: EntityUidJson,
  resource: EntityUidJson,
  context: Context,
  entities: EntityJson[],
): PolicyAnswer {
  const decisive = Object.entries(context).filter(([attribute]) => policies.names.has(attribute))
  const key = JSON.stringify([action, principal, resource, decisive, entities])
  const known = policies.answers.get(key)
  if (known) return known
  const answer = statefulIsAuthorized({
    principal,
    action: uid('Action', action),
    resource,
    context,
    preparsedSchemaName: policies.schemaName,
    validateRequest: true,
    preparsedPolicySetId: policies.name,
    entities,
  })
  if (answer.type === 'failure')
    return {
      allowed: false,
      reasons: [invariant('policy-error', answer.errors.map(({ message }) => message).join('; '))],
    }
  const { decision, diagnostics } = answer.response
  if (diagnostics.errors.length > 0)
    return {
      allowed: false,
      reasons: diagnostics.errors.map(({ policyId, error }) =>
        invariant('policy-error', `${policyId}: ${error.message}`),
      ),
    }
  const reasons = diagnostics.reason.map((id): DecisionReason => ({
    source: 'policy',
    id,
    message: `The policy ${id} ${decision === 'allow' ? 'permits' : 'forbids'} ${action}.`,
  }))
  const said = {
    allowed: decision === 'allow',
    reasons: reasons.length > 0 ? reasons : [invariant(noPermit, `No policy permits ${action} here.`)],
  }
  if (policies.answers.size >= answersKept) policies.answers.clear()
  policies.answers.set(key, said)
  return said
}

type Context = Record<string, CedarValueJson>

const contextOf = ({ environment, role, requestedBy, team }: Circumstances): Context => ({
  environment,
  role,
  requestedBy,
  team: team ?? '',
})

const noPermit = 'no-policy-permits'

const unattendedOnly = ({ name, spec }: Pick<ManifestOf<'Tool'>, 'name' | 'spec'>): DecisionReason =>
  invariant(
    'needs-approval',
    `No policy lets ${name} (effect ${spec.effect}, risk ${spec.risk}) run without a person's approval.`,
  )

const invariant = (id: string, message: string): DecisionReason => ({ source: 'invariant', id, message })

const uid = (type: string, id: string): { type: string; id: string } => ({ type, id })

const entity = (of: EntityUidJson, attrs: EntityJson['attrs']): EntityJson => ({ uid: of, attrs, parents: [] })
