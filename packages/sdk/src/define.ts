import type { ManifestInput } from '@causeway/contracts'

/** The manifest of one kind as its author writes it. */
export type InputOf<Kind extends ManifestInput['kind']> = Extract<ManifestInput, { kind: Kind }>

/** A manifest with its spec beside its name, as the functions of this file take it. */
export type Definition<Kind extends ManifestInput['kind']> = {
  name: string
  description?: string
} & InputOf<Kind>['spec']

function manifest<Kind extends ManifestInput['kind']>(
  kind: Kind,
  { name, description, ...spec }: Definition<Kind>,
): InputOf<Kind> {
  return { kind, name, ...(description !== undefined && { description }), spec } as unknown as InputOf<Kind>
}

/**
 * An Agent manifest.
 * @example
 * export const support = agent({ name: 'support', instructions: 'Help with orders.', model: 'fast', tools: ['lookup-order'] })
 */
export const agent = (definition: Definition<'Agent'>): InputOf<'Agent'> => manifest('Agent', definition)

/**
 * A Route manifest: the model name that agents use, and the targets behind it in order.
 * @example
 * export const fast = route({ name: 'fast', targets: [{ provider: 'openai', model: 'gpt-4o-mini' }] })
 */
export const route = (definition: Definition<'Route'>): InputOf<'Route'> => manifest('Route', definition)

/**
 * A Provider manifest. A key is a handle; its value stays where the operator keeps it.
 * @example
 * export const openai = provider({ name: 'openai', type: 'openai-compatible', baseUrl: 'https://api.openai.com/v1', apiKey: { secret: 'OPENAI_API_KEY' } })
 */
export const provider = (definition: Definition<'Provider'>): InputOf<'Provider'> => manifest('Provider', definition)

/** A Budget manifest: a limit of money, tokens, requests or calls under way. */
export const budget = (definition: Definition<'Budget'>): InputOf<'Budget'> => manifest('Budget', definition)

/**
 * A Guardrail manifest: what is done about something in the texts of every call of a model.
 * @example
 * export const noCards = guardrail({ name: 'no-cards', detectors: ['payment-card'], action: 'redact' })
 */
export const guardrail = (definition: Definition<'Guardrail'>): InputOf<'Guardrail'> =>
  manifest('Guardrail', definition)

/**
 * A ServiceLevelObjective manifest: so many in a hundred calls or runs are good.
 * @example
 * export const answers = serviceLevelObjective({ name: 'answers', of: 'model-calls', target: 99.5, withinMs: 20_000 })
 */
export const serviceLevelObjective = (
  definition: Definition<'ServiceLevelObjective'>,
): InputOf<'ServiceLevelObjective'> => manifest('ServiceLevelObjective', definition)

/** A ToolServer manifest: a server whose tools can be imported. */
export const toolServer = (definition: Definition<'ToolServer'>): InputOf<'ToolServer'> =>
  manifest('ToolServer', definition)

/** A MemoryStore manifest: what agents remember, by tools of type `memory`. */
export const memoryStore = (definition: Definition<'MemoryStore'>): InputOf<'MemoryStore'> =>
  manifest('MemoryStore', definition)

/** A Trigger manifest: what starts runs of an agent by itself. */
export const trigger = (definition: Definition<'Trigger'>): InputOf<'Trigger'> => manifest('Trigger', definition)

/** A Webhook manifest: where events of runs are sent. */
export const webhook = (definition: Definition<'Webhook'>): InputOf<'Webhook'> => manifest('Webhook', definition)

/** A Policy manifest: Cedar policies of the environment. */
export const policy = (definition: Definition<'Policy'>): InputOf<'Policy'> => manifest('Policy', definition)
