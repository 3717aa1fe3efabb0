import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { CausewayError } from '@causeway/contracts'
import { openAiChat } from '../dialects/openai-chat/index.ts'
import type { ClientDialect } from '../dialects/dialect.ts'
import { answerGenerate, type Exchange, type GatewayDependencies } from './answer-generate.ts'
import { answerTokenCount } from './answer-token-count.ts'
import { answerModels } from './answer-models.ts'
import { modelEndpoint } from './client-dialects.ts'
import { ClientGone } from './client-gone.ts'
import { writeError } from './write-error.ts'

const answers = { generate: answerGenerate, 'count-tokens': answerTokenCount }

/** Answers the request when it is one for a model, and says false when it is for somebody else. */
export type ModelHandler = (request: IncomingMessage, response: ServerResponse) => false | Promise<void>

/**
 * The gateway for model calls: a plain handler of node:http, to be asked before the web framework. Errors are told
 * in the dialect of the client. The promise never rejects.
 */
export function createModelHandler(dependencies: GatewayDependencies): ModelHandler {
  const { logger } = dependencies

  const begin = async (
    request: IncomingMessage,
    response: ServerResponse,
    dialect: ClientDialect,
    answer: (exchange: Exchange) => Promise<void>,
  ): Promise<void> => {
    const requestId = randomUUID()
    const headers = { 'x-request-id': requestId }
    try {
      await answer({ requestId, request, response, headers })
    } catch (error) {
      if (error instanceof ClientGone) return
      if (!(error instanceof CausewayError))
        logger.error({ err: error, requestId }, 'a model call failed inside Causeway')
      writeError(response, { requestId, dialect, headers }, asCausewayError(error))
    }
  }

  return (request, response) => {
    const path = pathOf(request)
    const endpoint = request.method === 'POST' ? modelEndpoint(path) : undefined
    if (endpoint)
      return begin(request, response, endpoint.dialect, exchange =>
        answers[endpoint.operation](dependencies, exchange, endpoint),
      )
    const id = request.method === 'GET' ? modelIdOf(path) : undefined
    return (
      id !== undefined && begin(request, response, openAiChat, exchange => answerModels(dependencies, exchange, id))
    )
  }
}

/** The id in /v1/models/{id}, null for the list, undefined for other paths. */
function modelIdOf(path: string): string | null | undefined {
  if (path === '/v1/models') return null
  return path.startsWith('/v1/models/') ? decoded(path.slice('/v1/models/'.length)) : undefined
}

const pathOf = ({ url = '' }: IncomingMessage): string => {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
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
