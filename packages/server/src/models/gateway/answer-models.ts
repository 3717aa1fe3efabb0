import type { IncomingHttpHeaders } from 'node:http'
import { CausewayError } from '@causeway/contracts'
import { agentModelOf } from './answer-agent.ts'
import { authorise } from './authorise.ts'
import type { Exchange, GatewayDependencies } from './answer-generate.ts'

// Both dialects want a date of birth, and a route has none that would mean anything.
const openAiModel = (id: string) => ({ id, object: 'model', created: 0, owned_by: 'causeway' })
const anthropicModel = (id: string) => ({ type: 'model', id, display_name: id, created_at: '1970-01-01T00:00:00Z' })

const openAiList = (names: readonly string[]) => ({ object: 'list', data: names.map(openAiModel) })
const anthropicList = (names: readonly string[]) => ({
  data: names.map(anthropicModel),
  has_more: false,
  first_id: names[0] ?? null,
  last_id: names.at(-1) ?? null,
})

const geminiModel = (id: string) => ({
  name: `models/${id}`,
  displayName: id,
  supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
})
const geminiList = (names: readonly string[]) => ({ models: names.map(geminiModel) })

/**
 * GET /v1/models and GET /v1/models/{id}, in Anthropic's form for its clients, which name the version of their API,
 * and in Google's form for its clients, which send their key in a header of their own.
 * @param id null for the list
 * @throws CausewayError model-not-found
 */
export async function answerModels(
  { models, authenticator, agents }: GatewayDependencies,
  { request, response, headers }: Exchange,
  id: string | null,
): Promise<void> {
  const caller = await authorise(authenticator, request)
  const names = [...(await models.list(caller)), ...((await agents?.list(caller)) ?? []).map(agentModelOf)]
  if (id !== null && !names.includes(id)) throw new CausewayError('model-not-found', `There is no model "${id}".`)
  const [list, model] = formsFor(request.headers)
  response.writeHead(200, { ...headers, 'content-type': 'application/json' })
  response.end(JSON.stringify(id === null ? list(names) : model(id)))
}

function formsFor(headers: IncomingHttpHeaders) {
  if (headers['anthropic-version'] !== undefined) return [anthropicList, anthropicModel] as const
  if (headers['x-goog-api-key'] !== undefined) return [geminiList, geminiModel] as const
  return [openAiList, openAiModel] as const
}
