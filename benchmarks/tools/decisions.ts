import { ToolSpec } from '@causeway/contracts'
import { trusted } from '../../packages/server/src/labels/index.ts'
import { decide, type DecisionRequest } from '../../packages/server/src/policy/decide.ts'
import { preparse } from '../../packages/server/src/policy/policy-set.ts'

const policies = preparse('bench', [
  {
    name: 'house',
    cedar: Array.from(
      { length: 50 },
      (_, index) =>
        `@id("p${index}") forbid (principal, action == Action::"call-tool", resource == Tool::"tool-${index}") when { context.integrity == "untrusted" && resource.risk > 2 };`,
    ).join('\n'),
  },
])

const request: DecisionRequest & { action: 'call-tool' } = {
  action: 'call-tool',
  arguments: {},
  agent: { name: 'clerk', tools: ['tool-1', 'tool-2', 'tool-3'] },
  tool: {
    name: 'tool-1',
    spec: ToolSpec.parse({ description: 'x', input: { type: 'object' }, implementation: { type: 'worker' } }),
  },
  outcomeUnknown: false,
  flow: {
    profile: 'balanced',
    environment: 'dev',
    reach: { privateData: true, untrustedInput: true, egress: true },
    scope: undefined,
    now: new Date(),
    callsMade: 0,
    context: trusted,
    critical: [],
    destinations: [],
    links: [],
    payloadStated: false,
  },
  circumstances: { environment: 'dev', role: 'developer', requestedBy: 'key:x', team: 'desk' },
}

let asked = 0

/**
 * Each is for another person.
 * @param isNew whether the engine is asked, twice a decision; else the answers are remembered
 * @returns the milliseconds of each of so many decisions on a call of a tool
 */
export function decisions(count: number, isNew: boolean): number[] {
  const taken: number[] = []
  for (let each = 0; each < count; each++) {
    const before = performance.now()
    // No policy mentions who has asked; which agent calls makes a question new in any case.
    const agent = isNew ? { ...request.agent, name: `clerk-${asked}` } : request.agent
    const circumstances = { ...request.circumstances, requestedBy: `key:${asked++}` }
    const { answer } = decide(policies, { ...request, agent, circumstances })
    taken.push(performance.now() - before)
    if (answer !== 'ask') throw new Error(`the decision is ${answer}`)
  }
  return taken
}
