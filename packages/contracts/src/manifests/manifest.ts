import * as z from 'zod'
import { Name } from '../names.ts'
import { AgentSpec } from './agent.ts'
import { BudgetSpec } from './budget.ts'
import { GuardrailSpec } from './guardrail.ts'
import { MemoryStoreSpec } from './memory-store.ts'
import { PolicySpec } from './policy.ts'
import { ProviderSpec } from './provider.ts'
import { RouteSpec } from './route.ts'
import { ServiceLevelObjectiveSpec } from './service-level-objective.ts'
import { ToolServerSpec } from './tool-server.ts'
import { ToolSpec } from './tool.ts'
import { TriggerSpec } from './trigger.ts'
import { WebhookSpec } from './webhook.ts'

const base = { name: Name, description: z.string().max(4000).optional() }

/** Everything that a team configures: a kind, a name and a spec. */
export const Manifest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('Agent'), ...base, spec: AgentSpec }),
  z.strictObject({ kind: z.literal('Budget'), ...base, spec: BudgetSpec }),
  z.strictObject({ kind: z.literal('Guardrail'), ...base, spec: GuardrailSpec }),
  z.strictObject({ kind: z.literal('MemoryStore'), ...base, spec: MemoryStoreSpec }),
  z.strictObject({ kind: z.literal('Policy'), ...base, spec: PolicySpec }),
  z.strictObject({ kind: z.literal('Provider'), ...base, spec: ProviderSpec }),
  z.strictObject({ kind: z.literal('Route'), ...base, spec: RouteSpec }),
  z.strictObject({ kind: z.literal('ServiceLevelObjective'), ...base, spec: ServiceLevelObjectiveSpec }),
  z.strictObject({ kind: z.literal('Tool'), ...base, spec: ToolSpec }),
  z.strictObject({ kind: z.literal('ToolServer'), ...base, spec: ToolServerSpec }),
  z.strictObject({ kind: z.literal('Trigger'), ...base, spec: TriggerSpec }),
  z.strictObject({ kind: z.literal('Webhook'), ...base, spec: WebhookSpec }),
])
export type Manifest = z.infer<typeof Manifest>

/** The kinds of manifests. */
export const ManifestKind = z.enum([
  'Agent',
  'Budget',
  'Guardrail',
  'MemoryStore',
  'Policy',
  'Provider',
  'Route',
  'ServiceLevelObjective',
  'Tool',
  'ToolServer',
  'Trigger',
  'Webhook',
])
export type ManifestKind = z.infer<typeof ManifestKind>

/** A manifest as its author writes it: fields with a default may be left out. */
export type ManifestInput = z.input<typeof Manifest>

/** The manifest of one kind. */
export type ManifestOf<Kind extends ManifestKind> = Extract<Manifest, { kind: Kind }>

/** A reference that one manifest makes to another, with the JSON Pointer of the place that makes it. */
export interface ManifestReference {
  kind: ManifestKind
  name: string
  pointer: string
}

/** The manifests that this one needs to exist beside it. */
export function referencesOf(manifest: Manifest): ManifestReference[] {
  switch (manifest.kind) {
    case 'Agent':
      return [
        { kind: 'Route', name: manifest.spec.model, pointer: '/spec/model' },
        ...manifest.spec.tools.map((name, index): ManifestReference => ({
          kind: 'Tool',
          name,
          pointer: `/spec/tools/${index}`,
        })),
        ...(manifest.spec.handoffs ?? []).map((name, index): ManifestReference => ({
          kind: 'Agent',
          name,
          pointer: `/spec/handoffs/${index}`,
        })),
      ]
    case 'Route': {
      const { targets, shadow, cache } = manifest.spec
      return [
        ...targets.map(({ provider }, index): ManifestReference => ({
          kind: 'Provider',
          name: provider,
          pointer: `/spec/targets/${index}/provider`,
        })),
        ...(cache?.semantic
          ? [{ kind: 'Route' as const, name: cache.semantic.embeddings, pointer: '/spec/cache/semantic/embeddings' }]
          : []),
        ...(shadow ? [{ kind: 'Provider' as const, name: shadow.provider, pointer: '/spec/shadow/provider' }] : []),
      ]
    }
    case 'Budget': {
      const { onLimit } = manifest.spec
      return typeof onLimit === 'string'
        ? []
        : [{ kind: 'Route', name: onLimit.downgradeTo, pointer: '/spec/onLimit/downgradeTo' }]
    }
    case 'Tool': {
      const { implementation, deprecation } = manifest.spec
      return [
        ...('server' in implementation
          ? [{ kind: 'ToolServer' as const, name: implementation.server, pointer: '/spec/implementation/server' }]
          : []),
        ...(implementation.type === 'memory'
          ? [{ kind: 'MemoryStore' as const, name: implementation.store, pointer: '/spec/implementation/store' }]
          : []),
        ...(implementation.type === 'agent'
          ? [{ kind: 'Agent' as const, name: implementation.agent, pointer: '/spec/implementation/agent' }]
          : []),
        ...(deprecation?.successor === undefined
          ? []
          : [{ kind: 'Tool' as const, name: deprecation.successor, pointer: '/spec/deprecation/successor' }]),
      ]
    }
    case 'ServiceLevelObjective': {
      const { spec } = manifest
      if (spec.of === 'runs')
        return spec.agent === undefined ? [] : [{ kind: 'Agent', name: spec.agent, pointer: '/spec/agent' }]
      return spec.route === undefined ? [] : [{ kind: 'Route', name: spec.route, pointer: '/spec/route' }]
    }
    case 'Trigger':
      return [{ kind: 'Agent', name: manifest.spec.agent, pointer: '/spec/agent' }]
    case 'Guardrail':
    case 'MemoryStore':
    case 'Policy':
    case 'Provider':
    case 'ToolServer':
    case 'Webhook':
      return []
  }
}
