import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Manifest, type ManifestInput, type ManifestOf } from '@causeway/contracts'
import { agent } from '@causeway/sdk'
import { createScriptedModel } from '@causeway/sdk/testing'
import { toNodeHandler } from '@modelcontextprotocol/node'
import {
  createMcpHandler,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  Server,
  type CallToolResult,
  type GetPromptResult,
  type ReadResourceResult,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server'
import { anyKind } from '../database/testing/index.ts'
import { askingPrompt, askingTools } from './asking-tools.ts'
import { clerkManifests } from './scripted-world.ts'
import { startTestPlatform, type TestPlatform } from './start-test-platform.ts'

/** One red dot, and a moment of silence. */
const image = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const audio = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA='

const text = (said: string): CallToolResult['content'][number] => ({ type: 'text', text: said })
const resource: CallToolResult['content'][number] = {
  type: 'resource',
  resource: { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'This is an embedded resource content.' },
}

/** What the tools of the conformance suite answer. Source: the suite's documentation of its server scenarios. */
const answers: Readonly<Record<string, () => CallToolResult>> = {
  test_simple_text: () => ({ content: [text('This is a simple text response for testing.')] }),
  test_image_content: () => ({ content: [{ type: 'image', data: image, mimeType: 'image/png' }] }),
  test_audio_content: () => ({ content: [{ type: 'audio', data: audio, mimeType: 'audio/wav' }] }),
  test_embedded_resource: () => ({ content: [resource] }),
  test_multiple_content_types: () => ({
    content: [
      text('Multiple content types test:'),
      { type: 'image', data: image, mimeType: 'image/png' },
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: '{"test":"data","value":123}',
        },
      },
    ],
  }),
  test_error_handling: () => ({
    isError: true,
    content: [text('This tool intentionally returns an error for testing')],
  }),
  test_tool_with_progress: () => ({ content: [text('0 of 100, 50 of 100, 100 of 100')] }),
  test_tool_with_logging: () => ({ content: [text('Executed.')] }),
  json_schema_2020_12_tool: () => ({ content: [text('ok')] }),
}

const dialect2020: Tool['inputSchema'] = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  ...JSON.parse(`{
    "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
    "then": { "required": ["phone"] },
    "else": { "required": ["email"] }
  }`),
  additionalProperties: false,
}

const tools: Tool[] = [...Object.keys(answers), ...Object.keys(askingTools)].map(name => ({
  name,
  description: `The tool ${name} of the profile.`,
  inputSchema: name === 'json_schema_2020_12_tool' ? dialect2020 : { type: 'object', properties: {} },
  annotations: { readOnlyHint: true },
}))

const resources: Readonly<Record<string, Record<string, unknown>>> = {
  'test://static-text': { mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
  'test://static-binary': { mimeType: 'image/png', blob: image },
  'test://watched-resource': { mimeType: 'text/plain', text: 'Watched resource content.' },
}

/** The resource at an address, or that of the one template. */
function resourceAt(uri: string) {
  const [, id] = /^test:\/\/template\/([^/]+)\/data$/.exec(uri) ?? []
  const found =
    id === undefined
      ? resources[uri]
      : {
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
        }
  if (!found) throw new ResourceNotFoundError(uri)
  return { contents: [{ uri, ...found }] } as ReadResourceResult
}

const said = (content: unknown) => ({ role: 'user' as const, content })

/** What the prompts of the conformance suite say. */
const prompts: Readonly<Record<string, (values: Record<string, string>) => unknown[]>> = {
  test_simple_prompt: () => [said(text('This is a simple prompt for testing.'))],
  test_prompt_with_arguments: ({ arg1, arg2 }) => [said(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
  test_prompt_with_embedded_resource: ({ resourceUri }) => [
    said({
      type: 'resource',
      resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
    }),
    said(text('Please process the embedded resource above.')),
  ],
  test_prompt_with_image: () => [
    said({ type: 'image', data: image, mimeType: 'image/png' }),
    said(text('Please analyze the image above.')),
  ],
}

const promptArguments: Readonly<Record<string, string[]>> = {
  test_prompt_with_arguments: ['arg1', 'arg2'],
  test_prompt_with_embedded_resource: ['resourceUri'],
}

async function tellProgress({ _meta, notify }: ServerContext['mcpReq']): Promise<void> {
  const progressToken = _meta?.progressToken
  if (progressToken === undefined) return
  for (const progress of [0, 50, 100]) {
    await notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } })
    await sleep(50)
  }
}

/** Answers as the tools, resources and prompts that the suite asks for. */
function profileServer(): Server {
  const server = new Server(
    { name: 'profile', version: '1' },
    { capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {} } },
  )
  for (const method of ['resources/subscribe', 'resources/unsubscribe'] as const)
    server.setRequestHandler(method, () => ({}))
  server.setRequestHandler('tools/list', () => ({ tools }))
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    if (params.name === 'test_tool_with_progress') await tellProgress(mcpReq)
    return askingTools[params.name]?.(mcpReq) ?? answers[params.name]?.() ?? { content: [] }
  })
  server.setRequestHandler('resources/list', () => ({
    resources: Object.entries(resources).map(([uri, { mimeType }]) => ({
      uri,
      name: uri.slice('test://'.length),
      mimeType: String(mimeType),
    })),
  }))
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [{ uriTemplate: 'test://template/{id}/data', name: 'template', mimeType: 'application/json' }],
  }))
  server.setRequestHandler('resources/read', ({ params: { uri } }) => resourceAt(uri))
  server.setRequestHandler('prompts/list', () => ({
    prompts: [...Object.keys(prompts), 'test_input_required_result_prompt'].map(name => ({
      name,
      description: `The prompt ${name} of the profile.`,
      arguments: (promptArguments[name] ?? []).map(each => ({ name: each, required: true })),
    })),
  }))
  server.setRequestHandler('prompts/get', ({ params: { name, arguments: values = {} } }, { mcpReq }) => {
    if (name === 'test_input_required_result_prompt') return askingPrompt(mcpReq)
    const messages = prompts[name]?.(values)
    if (!messages) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no prompt ${name}.`)
    return { messages } as GetPromptResult
  })
  server.setRequestHandler('completion/complete', ({ params: { argument } }) => {
    const values = ['paris', 'park', 'party', 'test'].filter(each => each.startsWith(argument.value))
    return { completion: { values, total: values.length, hasMore: false } }
  })
  return server
}

/** A platform with an agent whose tools are those that the conformance suite of MCP calls, from a tool server, behind a proxy that brings the key. */
export interface ConformanceProfile extends AsyncDisposable {
  readonly url: string
  readonly causeway: TestPlatform
}

export async function startConformanceProfile(): Promise<ConformanceProfile> {
  await using parts = new AsyncDisposableStack()
  const handler = toNodeHandler(createMcpHandler(profileServer))
  const upstream = parts.use(
    await listening((message, response) => void handler(message as Parameters<typeof handler>[0], response)),
  )
  const model = parts.use(await createScriptedModel({}))
  const causeway = parts.use(await startTestPlatform({ kind: anyKind }))
  const server: ManifestInput = {
    kind: 'ToolServer',
    name: 'profile',
    spec: { transport: { type: 'mcp-http', url: upstream.url } },
  }
  await causeway.apply(...clerkManifests(model, []), server)
  const offered = await causeway.admin.toolServers.tools('profile')
  const imported = offered.flatMap(({ tool, manifest }) =>
    manifest ? [{ ...Manifest.parse(manifest), name: tool }] : [],
  )
  const reads = imported.flatMap(each =>
    each.kind === 'Tool'
      ? [{ ...each, spec: { ...reviewed(each), risk: 1, input: schemaOf(each.name, each.spec.input) } }]
      : [],
  )
  await causeway.apply(
    ...reads,
    agent({ name: 'profile', instructions: 'Help.', model: 'clerk', tools: reads.map(({ name }) => name) }),
  )
  const proxy = parts.use(await proxyTo(`${causeway.url}/v1/agents/profile/mcp`, causeway.adminKey))
  const owned = parts.move()
  return { url: proxy.url, causeway, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** A reviewer has looked at what tools ask for. */
function reviewed({ name, spec }: ManifestOf<'Tool'>): ManifestOf<'Tool'>['spec'] {
  const { implementation } = spec
  const asks = ['elicitation' as const, 'sampling' as const, 'roots' as const]
  return (implementation.type === 'mcp' && name in askingTools) || implementation.type === 'mcp-prompts'
    ? { ...spec, implementation: { ...implementation, asks } }
    : spec
}

/** A reviewer keeps the dialect that a draft leaves out. */
const schemaOf = (name: string, input: Record<string, unknown>): Record<string, unknown> =>
  name === 'json_schema_2020_12_tool' ? dialect2020 : input

/** Adds the key to what passes, since the suite brings none. */
const proxyTo = (target: string, key: string) =>
  listening((message, response) => {
    const sent = request(
      target,
      { method: message.method, headers: { ...message.headers, authorization: `Bearer ${key}` } },
      answer => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    sent.on('error', () => response.destroy())
    message.pipe(sent)
  })

async function listening(handle: Parameters<typeof createServer>[1] & object) {
  const server = createServer(handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
