import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { CausewayError } from '@causeway/contracts'
import { answerChat, type Exchange, type GatewayDependencies } from './answer-chat.ts'
import { answerModels } from './answer-models.ts'
import { ClientGone } from './client-gone.ts'
import { writeError } from './write-error.ts'

/** Answers the request when it is one for a model, and says false when it is for somebody else. */
export type ModelHandler = (request: IncomingMessage, response: ServerResponse) => false | Promise<void>

const modelPrefix = '/v1/models/'

/**
 * The gateway for model calls: a plain handler of node:http, to be asked before the web framework. It speaks OpenAI's
 * dialect, errors included. The promise never rejects.
 */
export function createModelHandler(dependencies: GatewayDependencies): ModelHandler {
  const { logger } = dependencies

  const answering = async (exchange: Exchange, answer: () => Promise<void>): Promise<void> => {
    const { response, requestId } = exchange
    response.setHeader('x-request-id', requestId)
    try {
      await answer()
    } catch (error) {
      if (error instanceof ClientGone) return
      if (!(error instanceof CausewayError))
        logger.error({ err: error, requestId }, 'a model call failed inside Causeway')
      writeError(response, asCausewayError(error))
    }
  }

  return (request, response) => {
    const path = pathOf(request)
    const exchange: Exchange = { requestId: randomUUID(), request, response }
    if (request.method === 'POST' && path === '/v1/chat/completions')
      return answering(exchange, () => answerChat(dependencies, exchange))
    if (request.method !== 'GET') return false
    if (path === '/v1/models') return answering(exchange, () => answerModels(dependencies, exchange, undefined))
    if (path.startsWith(modelPrefix))
      return answering(exchange, () => answerModels(dependencies, exchange, decoded(path.slice(modelPrefix.length))))
    return false
  }
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
