import type { ManifestInput, ToolSpec } from '@causeway/contracts'
import { agent, policy, provider, route } from '@causeway/sdk'
import {
  createScriptedModel,
  createToolWorld,
  type ScriptedModel,
  type ScriptedModelOptions,
  type ToolWorld,
  type ToolWorldOptions,
} from '@causeway/sdk/testing'
import { startTestPlatform, type TestPlatform, type TestPlatformOptions } from './start-test-platform.ts'

/** A platform with a scripted model, a world of tools and one agent `clerk` that may call all of them. */
export interface ScriptedWorld extends AsyncDisposable {
  readonly causeway: TestPlatform
  readonly model: ScriptedModel
  readonly world: ToolWorld
}

type Limits = Extract<ManifestInput, { kind: 'Agent' }>['spec']['limits']

export interface ScriptedWorldOptions extends TestPlatformOptions {
  model: ScriptedModelOptions
  tools?: ToolWorldOptions['tools']
  faults?: ToolWorldOptions['faults']
  /** How each tool is governed; a read of risk 1 unless told. */
  governance?: Record<string, Partial<ToolSpec>>
  limits?: Limits
  /** Cedar policies beside the built-in ones. */
  cedar?: string
}

/** The manifest of a tool of the world. */
export const worldTool = (world: { url: string }, name: string, governance: Partial<ToolSpec> = {}): ManifestInput => ({
  kind: 'Tool',
  name,
  spec: {
    description: `The tool ${name}`,
    input: {
      type: 'object',
      properties: { order: { type: 'string' } },
      required: ['order'],
      additionalProperties: false,
    },
    effect: 'read',
    risk: 1,
    timeoutSeconds: 2,
    ...governance,
    implementation: { type: 'http', method: 'POST', url: `${world.url}/${name}` },
  },
})

/** The manifests of the clerk: its model, route and tools. */
export const clerkManifests = (
  model: Pick<ScriptedModel, 'baseUrl'>,
  tools: readonly ManifestInput[],
  limits: Limits = {},
): ManifestInput[] => [
  provider({ name: 'scripted', type: 'openai-compatible', baseUrl: model.baseUrl }),
  route({ name: 'clerk', targets: [{ provider: 'scripted', model: 'gpt-4o-mini' }] }),
  ...tools,
  agent({
    name: 'clerk',
    instructions: 'Help with orders.',
    model: 'clerk',
    tools: tools.map(({ name }) => name),
    limits,
  }),
]

export async function startScriptedWorld(options: ScriptedWorldOptions): Promise<ScriptedWorld> {
  const {
    tools = { lookup: ({ order }) => ({ order, status: 'packing' }) },
    faults,
    governance = {},
    limits,
    cedar,
  } = options
  await using parts = new AsyncDisposableStack()
  const model = parts.use(await createScriptedModel(options.model))
  const world = parts.use(await createToolWorld({ tools, ...(faults && { faults }) }))
  const causeway = parts.use(await startTestPlatform(options))
  const manifests = Object.keys(tools).map(name => worldTool(world, name, governance[name]))
  await causeway.apply(
    ...clerkManifests(model, manifests, limits),
    ...(cedar ? [policy({ name: 'house', cedar })] : []),
  )
  const owned = parts.move()
  return { causeway, model, world, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** A turn of the model that calls one tool with an order. */
export const calls = (name: string, order = '1042') => ({ toolCalls: [{ name, arguments: { order } }] })

/** A model that looks once and then says how many messages it was sent. */
export const looksUp: ScriptedModelOptions = {
  respond: ({ messages }) =>
    messages.at(-1)?.role === 'user' ? calls('lookup') : { text: `It is packing, after ${messages.length} messages.` },
}
