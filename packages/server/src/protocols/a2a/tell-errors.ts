import { A2AError, RequestMalformedError, UnsupportedOperationError } from '@a2a-js/sdk/errors'
import { CausewayError } from '@causeway/contracts'

/** Operations whose errors are told in the terms of A2A. What is nobody's business is only reported. */
export function tellErrors(report: (error: unknown) => void) {
  const told = (error: unknown): Error => {
    if (error instanceof A2AError) return error
    if (!(error instanceof CausewayError)) {
      report(error)
      return new Error('The request failed for a reason that is not the fault of the caller.')
    }
    const { message, code, status } = error
    if (status >= 500) return new Error(message)
    return code === 'not-found' || code === 'invalid-request'
      ? new RequestMalformedError({ message })
      : new UnsupportedOperationError({ message })
  }
  return {
    answer:
      <Params, Result>(work: (params: Params) => Promise<Result>) =>
      async (params: Params): Promise<Result> => {
        try {
          return await work(params)
        } catch (error) {
          throw told(error)
        }
      },
    stream: <Params, Item>(work: (params: Params) => AsyncIterable<Item>) =>
      async function* (params: Params): AsyncGenerator<Item, void, undefined> {
        try {
          yield* work(params)
        } catch (error) {
          throw told(error)
        }
      },
  }
}
