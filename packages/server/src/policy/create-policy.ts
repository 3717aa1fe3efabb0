import type { Decision, Freeze, FreezeKind } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import type { BlockedVersions } from '../tool-reviews/index.ts'
import type { Freezes } from '../freezes/index.ts'
import { compiledManifests, type Manifests } from '../manifests/index.ts'
import { decide, type DecisionRequest } from './decide.ts'
import { preparse } from './policy-set.ts'

/** The one place that answers allow, ask or deny. */
export interface Policy {
  /** Decides under the policies in force in the environment. Fails closed: whatever goes wrong is a thrown error or a deny. */
  decide(scope: Scope, request: DecisionRequest): Promise<Decision>
}

export function createPolicy({
  manifests,
  freezes,
  blockedVersions,
}: {
  manifests: Manifests
  freezes: Pick<Freezes, 'find'>
  blockedVersions: BlockedVersions
}): Policy {
  const inForce = compiledManifests(manifests, 'Policy', (active, { environmentId }) => {
    const policies = active.map(({ name, spec }) => ({ name, ...spec }))
    const enforced = policies.filter(({ mode }) => mode !== 'shadow')
    return {
      enforced: preparse(environmentId, enforced),
      // With those in force: what would be if they were in force too.
      shadowed: enforced.length < policies.length ? preparse(`${environmentId} in shadow`, policies) : undefined,
    }
  })
  return {
    async decide(scope, request) {
      const frozen = await freezes.find(scope, subjectsOf(request))
      if (frozen) return deniedBy(frozen)
      if (request.action === 'call-tool') {
        const { tool, toolVersion } = request
        const blocked = toolVersion && (await blockedVersions.find(scope, tool.name, toolVersion))
        if (blocked) return denied('version-blocked', `This version of ${blocked.tool} is ${blocked.state}.`)
      }
      const { enforced, shadowed } = await inForce(scope)
      const decision = decide(enforced, request)
      if (!shadowed || request.action === 'call-model') return decision
      const { answer, reasons } = decide(shadowed, request)
      return answer === decision.answer ? decision : { ...decision, shadow: { answer, reasons } }
    },
  }
}

/** What a request is about, as far as it can be frozen. */
function subjectsOf(request: DecisionRequest): Partial<Record<FreezeKind, string>> {
  const { team } = request.circumstances
  const own = team === null ? {} : { team }
  if (request.action === 'call-model') {
    const { principal, route, provider } = request
    return { ...own, route, provider, ...('agent' in principal && { agent: principal.agent }) }
  }
  const { name, spec } = request.tool
  const server = 'server' in spec.implementation ? { 'tool-server': spec.implementation.server } : {}
  return { ...own, agent: request.agent.name, tool: name, ...server }
}

const deniedBy = ({ kind, name, reason }: Freeze): Decision =>
  denied('frozen', `The ${kind} ${name} is frozen: ${reason}`)

const denied = (id: string, message: string): Decision => ({
  answer: 'deny',
  reasons: [{ source: 'invariant', id, message }],
})
