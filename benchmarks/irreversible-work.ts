import type { EventData, ManifestInput } from '@causeway/contracts'
import { agent, policy, provider, route } from '@causeway/sdk'

/** What an agent does that is killed on its way: calls of a tool that cannot be undone. */
interface Work {
  agent: string
  /** Its place in the world of tools. */
  tool: string
  approval: 'by-policy' | 'always'
}

/** Agents of a scripted model whose calls cannot be undone and run unattended, but for those that are always asked about. */
export const irreversibleWork = (baseUrl: string, worldUrl: string, works: readonly Work[]): ManifestInput[] => [
  provider({ name: 'script', type: 'openai-compatible', baseUrl }),
  route({ name: 'script', targets: [{ provider: 'script', model: 'script' }] }),
  policy({ name: 'unattended', cedar: 'permit (principal, action == Action::"call-tool-unattended", resource);' }),
  ...works.flatMap(({ agent: name, tool, approval }): ManifestInput[] => [
    {
      kind: 'Tool',
      name: tool,
      spec: {
        description: 'Does something that cannot be undone',
        input: { type: 'object', properties: { key: { type: 'string' } }, required: ['key'] },
        effect: 'irreversible',
        risk: 2,
        approval,
        result: { integrity: 'trusted' },
        implementation: { type: 'http', url: `${worldUrl}/${tool}` },
      },
    },
    agent({
      name,
      instructions: 'Work.',
      model: 'script',
      tools: [tool],
      limits: { steps: 100, toolCalls: 100 },
    }),
  ]),
]

/** Whether a call is recorded as done and was not. */
export function isLost(
  { outcome, output }: EventData<'tool-responded'>,
  effects: ReadonlyMap<string, number>,
): boolean {
  const done = typeof output === 'object' && output !== null && 'done' in output ? String(output.done) : ''
  return outcome === 'completed' && !effects.has(done)
}
