import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { CausewayError } from '@causeway/contracts'
import { openAiChat } from '../dialects/openai-chat/index.ts'
import { openAiResponses } from '../dialects/openai-responses/index.ts'
import { mediaPaths } from '../operations/media-path.ts'
import { createAnswerCache } from './answer-cache.ts'
import { answerGenerate, type Exchange, type GatewayDependencies } from './answer-generate.ts'
import { answerFiles, filesAddress } from './answer-files.ts'
import { answerOperation, type GatewayOperation } from './answer-operation.ts'
import { answerTokenCount } from './answer-token-count.ts'
import { answerModels } from './answer-models.ts'
import { answerStoredResponse, storedResponseAddress } from './answer-stored-response.ts'
import { mediaOperation } from './media-operation.ts'
import { wholeOperation } from './whole-operation.ts'
import { modelEndpoint, type ModelEndpoint } from './client-dialects.ts'
import { ClientGone } from './client-gone.ts'
import type { SharedAnswers } from './shared-answers.ts'
import { framingFor } from './stream-framing.ts'
import { writeError } from './write-error.ts'

const operations: ReadonlyMap<string, GatewayOperation> = new Map([
  ['/v1/embeddings', wholeOperation('embed')],
  ['/v1/rerank', wholeOperation('rerank')],
  ['/v2/rerank', wholeOperation('rerank')],
  ...mediaPaths.map(path => [`/v1${path}`, mediaOperation(path)] as const),
])

const answers = { generate: answerGenerate, 'count-tokens': answerTokenCount }

type GivenDependencies = Omit<GatewayDependencies, 'cache'> & {
  /** Absent where each replica keeps answers on its own. */
  sharedAnswers?: SharedAnswers | undefined
}

/** Answers the request when it is one for a model, and says false when it is for somebody else. */
export type ModelHandler = (request: IncomingMessage, response: ServerResponse) => false | Promise<void>

/**
 * The gateway for model calls: a plain handler of node:http, to be asked before the web framework. Errors are told
 * in the dialect of the client. The promise never rejects.
 */
export function createModelHandler(given: GivenDependencies): ModelHandler {
  const { logger, models, sharedAnswers } = given
  const dependencies = { ...given, cache: createAnswerCache({ now: () => models.clock.now(), shared: sharedAnswers }) }

  const begin = async (
    request: IncomingMessage,
    response: ServerResponse,
    { dialect, address }: Pick<ModelEndpoint, 'dialect' | 'address'>,
    answer: (exchange: Exchange) => Promise<void>,
  ): Promise<void> => {
    const requestId = randomUUID()
    const headers = { 'x-request-id': requestId }
    const framing = framingFor(address)
    try {
      await answer({ requestId, request, response, headers, framing })
    } catch (error) {
      if (error instanceof ClientGone) return
      if (error instanceof CausewayError && error.status === 401) given.onStranger?.()
      if (!(error instanceof CausewayError))
        logger.error({ err: error, requestId }, 'a model call failed inside Causeway')
      writeError(response, { requestId, dialect, headers, framing }, asCausewayError(error))
    }
  }

  return (request, response) => {
    const [path, query] = addressOf(request)
    const endpoint = request.method === 'POST' ? modelEndpoint(path, query) : undefined
    if (endpoint)
      return begin(request, response, endpoint, exchange =>
        answers[endpoint.operation](dependencies, exchange, endpoint),
      )
    const operation = request.method === 'POST' ? operations.get(path) : undefined
    if (operation)
      return begin(request, response, { dialect: openAiChat, address: {} }, exchange =>
        answerOperation(dependencies, exchange, operation),
      )
    const files = filesAddress(request.method, path, query)
    if (files)
      return begin(request, response, { dialect: openAiChat, address: {} }, exchange =>
        answerFiles(dependencies, exchange, files),
      )
    const stored = storedResponseAddress(request.method, path, query)
    if (stored)
      return begin(request, response, { dialect: openAiResponses, address: {} }, exchange =>
        answerStoredResponse(dependencies, exchange, stored),
      )
    const id = request.method === 'GET' ? modelIdOf(path) : undefined
    return (
      id !== undefined &&
      begin(request, response, { dialect: openAiChat, address: {} }, exchange =>
        answerModels(dependencies, exchange, id),
      )
    )
  }
}

/** The id in /v1/models/{id} or Google's /v1beta/models/{id}, null for the list, undefined for other paths. */
function modelIdOf(path: string): string | null | undefined {
  const [found, id] = /^\/v1(?:beta)?\/models(?:\/(.+))?$/.exec(path) ?? []
  if (found === undefined) return undefined
  return id === undefined ? null : decoded(id)
}

const addressOf = ({ url = '' }: IncomingMessage): [path: string, query: string] => {
  const query = url.indexOf('?')
  return query < 0 ? [url, ''] : [url.slice(0, query), url.slice(query)]
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

const asCausewayError = (error: unknown): CausewayError =>
  error instanceof CausewayError
    ? error
    : new CausewayError('internal', 'The call could not be finished.', { cause: error })
