import type { DialectName } from '../../dialects/dialect-name.ts'
import type { Quirks } from '../../dialects/dialect.ts'
import type { OperationDialect } from '../../operations/operation-dialect.ts'
import { voyageRerank } from '../../operations/rerank/voyage-rerank.ts'

/** What is known of a server that says it speaks OpenAI's dialects. */
export interface Preset {
  name: string
  /** The first is what requests of other dialects are translated to. */
  dialects: readonly DialectName[]
  quirks: Quirks
  /** How the server ranks documents, where not as Cohere, Jina and vLLM do. */
  rerank?: OperationDialect
}

interface KnownServer extends Preset {
  /** Hosts, with a port or the beginning of a path where these tell servers apart. A leading dot means any name before it. */
  addresses: readonly string[]
}

const chat: readonly DialectName[] = ['openai-chat']
const chatAndResponses: readonly DialectName[] = ['openai-chat', 'openai-responses']

// Only departures that a server's documentation or its own refusals show. What is not listed is taken to work, so that
// a server that learns a field needs no change here. Servers of one's own have no host to be known by: name the preset.
const knownServers: readonly KnownServer[] = [
  {
    name: 'openai',
    addresses: ['api.openai.com', '.api.openai.com'],
    dialects: chatAndResponses,
    quirks: { tokenLimitField: 'max_completion_tokens', jsonSchema: 'json_schema' },
  },
  {
    name: 'azure-openai',
    addresses: ['.openai.azure.com', '.services.ai.azure.com', '.cognitiveservices.azure.com'],
    dialects: chatAndResponses,
    quirks: { tokenLimitField: 'max_completion_tokens', jsonSchema: 'json_schema' },
  },
  {
    name: 'bedrock-mantle',
    addresses: ['.api.aws'],
    dialects: chatAndResponses,
    quirks: { tokenLimitField: 'max_completion_tokens' },
  },
  {
    name: 'groq',
    addresses: ['api.groq.com'],
    dialects: chatAndResponses,
    quirks: {
      tokenLimitField: 'max_completion_tokens',
      refusedFields: ['logit_bias', 'logprobs', 'top_logprobs', 'store', 'metadata', 'prompt_cache_key'],
    },
  },
  {
    name: 'together',
    addresses: ['api.together.ai', 'api.together.xyz'],
    dialects: chat,
    quirks: { tokenLimitField: 'max_tokens' },
  },
  {
    name: 'deepseek-beta',
    addresses: ['api.deepseek.com/beta'],
    dialects: chat,
    quirks: {
      tokenLimitField: 'max_tokens',
      jsonSchema: 'json_object',
      reasoningField: 'reasoning_content',
      prefillField: 'prefix',
      noDeveloperRole: true,
    },
  },
  {
    name: 'deepseek',
    addresses: ['api.deepseek.com'],
    dialects: chatAndResponses,
    quirks: {
      tokenLimitField: 'max_tokens',
      jsonSchema: 'json_object',
      reasoningField: 'reasoning_content',
      noDeveloperRole: true,
    },
  },
  {
    name: 'xai',
    addresses: ['api.x.ai', '.api.x.ai'],
    dialects: chatAndResponses,
    quirks: { tokenLimitField: 'max_completion_tokens', refusedFields: ['logit_bias'] },
  },
  {
    name: 'openrouter',
    addresses: ['openrouter.ai'],
    dialects: chatAndResponses,
    quirks: { tokenLimitField: 'max_tokens' },
  },
  {
    name: 'fireworks',
    addresses: ['api.fireworks.ai'],
    dialects: chatAndResponses,
    quirks: { tokenLimitField: 'max_tokens' },
  },
  {
    name: 'cerebras',
    addresses: ['api.cerebras.ai'],
    dialects: chat,
    quirks: {
      tokenLimitField: 'max_completion_tokens',
      refusedFields: ['frequency_penalty', 'presence_penalty', 'logit_bias'],
    },
  },
  {
    name: 'perplexity',
    addresses: ['api.perplexity.ai'],
    dialects: chat,
    quirks: {
      tokenLimitField: 'max_tokens',
      noStreamOptions: true,
      refusedFields: ['parallel_tool_calls', 'seed', 'logit_bias', 'user'],
    },
  },
  {
    name: 'mistral',
    addresses: ['api.mistral.ai'],
    dialects: chat,
    quirks: {
      tokenLimitField: 'max_tokens',
      // The usage of a stream comes unasked, and a field that is not known is refused with status 422.
      noStreamOptions: true,
      noDeveloperRole: true,
      prefillField: 'prefix',
      refusedFields: [
        'seed',
        'user',
        'logit_bias',
        'logprobs',
        'top_logprobs',
        'service_tier',
        'store',
        'verbosity',
        'max_completion_tokens',
      ],
    },
  },
  {
    name: 'moonshot',
    addresses: ['api.moonshot.ai', 'api.moonshot.cn'],
    dialects: chat,
    quirks: { tokenLimitField: 'max_tokens', reasoningField: 'reasoning_content', prefillField: 'partial' },
  },
  {
    name: 'alibaba',
    addresses: ['dashscope.aliyuncs.com', 'dashscope-intl.aliyuncs.com', 'dashscope-us.aliyuncs.com'],
    dialects: chat,
    quirks: { tokenLimitField: 'max_tokens', prefillField: 'partial', noDeveloperRole: true },
  },
  {
    name: 'zai',
    addresses: ['api.z.ai', 'open.bigmodel.cn'],
    dialects: chat,
    quirks: {
      tokenLimitField: 'max_tokens',
      jsonSchema: 'json_object',
      reasoningField: 'reasoning_content',
      noDeveloperRole: true,
    },
  },
  {
    name: 'huggingface',
    addresses: ['router.huggingface.co', '.endpoints.huggingface.cloud'],
    dialects: chat,
    quirks: { tokenLimitField: 'max_tokens' },
  },
  {
    name: 'snowflake-cortex',
    addresses: ['.snowflakecomputing.com'],
    dialects: chat,
    quirks: { tokenLimitField: 'max_completion_tokens' },
  },
  {
    name: 'gemini-openai-compat',
    addresses: ['generativelanguage.googleapis.com', 'aiplatform.googleapis.com', '-aiplatform.googleapis.com'],
    dialects: chat,
    quirks: {
      tokenLimitField: 'max_tokens',
      // Fields that are not known are refused with status 400.
      refusedFields: ['logit_bias', 'metadata', 'prompt_cache_key', 'store', 'service_tier', 'user', 'verbosity'],
    },
  },
  {
    name: 'nvidia',
    addresses: ['integrate.api.nvidia.com'],
    dialects: chat,
    quirks: { tokenLimitField: 'max_tokens' },
  },
  { name: 'voyage', addresses: ['api.voyageai.com'], dialects: chat, quirks: {}, rerank: voyageRerank },
  { name: 'deepinfra', addresses: ['api.deepinfra.com'], dialects: chat, quirks: { tokenLimitField: 'max_tokens' } },
  { name: 'sambanova', addresses: ['api.sambanova.ai'], dialects: chat, quirks: { tokenLimitField: 'max_tokens' } },
  {
    name: 'crusoe',
    addresses: ['api.inference.crusoecloud.com'],
    dialects: chat,
    quirks: { tokenLimitField: 'max_tokens' },
  },
  {
    name: 'ollama',
    addresses: ['ollama.com', 'localhost:11434', '127.0.0.1:11434', '[::1]:11434'],
    dialects: chat,
    quirks: { tokenLimitField: 'max_tokens' },
  },
  {
    name: 'lm-studio',
    addresses: ['localhost:1234', '127.0.0.1:1234', '[::1]:1234'],
    dialects: chatAndResponses,
    quirks: { tokenLimitField: 'max_tokens' },
  },
  {
    name: 'vllm',
    addresses: [],
    dialects: chatAndResponses,
    quirks: { tokenLimitField: 'max_tokens', prefillField: 'continue_final_message' },
  },
  { name: 'llama.cpp', addresses: [], dialects: chat, quirks: { tokenLimitField: 'max_tokens' } },
]

/** A server that is not known: it is taken at its word, and nothing but chat completions is expected of it. */
const unknownServer: Preset = { name: 'openai-compatible', dialects: chat, quirks: {} }

/** The names that `preset` of a provider may have. */
export const presetNames: readonly string[] = knownServers.map(({ name }) => name)

/** What is known of the server at an address, or of the one that is named. A name that is not known is like no name. */
export function presetOf(spec: NamedServer): Preset {
  const known = found.get(spec) ?? findPreset(spec)
  found.set(spec, known)
  return known
}

interface NamedServer {
  readonly baseUrl: string
  readonly preset?: string | undefined
}

// What is remembered hangs on the manifest in force, and goes with it.
const found = new WeakMap<NamedServer, Preset>()

function findPreset({ baseUrl, preset }: NamedServer): Preset {
  const named = knownServers.find(({ name }) => name === preset)
  if (named) return named
  const { host, pathname } = new URL(baseUrl)
  return knownServers.find(server => server.addresses.some(address => isAt(address, host, pathname))) ?? unknownServer
}

function isAt(address: string, host: string, path: string): boolean {
  const slash = address.indexOf('/')
  const wantedHost = slash < 0 ? address : address.slice(0, slash)
  const wantedPath = slash < 0 ? '' : address.slice(slash)
  const sameHost = /^[.-]/.test(wantedHost) ? host.endsWith(wantedHost) : host === wantedHost
  return sameHost && (path === wantedPath || path.startsWith(`${wantedPath}/`))
}
