import type { Scope } from '../database/index.ts'
import type { ModelRequest } from './model-request.ts'
import type { ModelResponse } from './model-response.ts'
import type { ModelCallSubject } from './ports.ts'
import type { RoutingCaller } from './routing/routing-request.ts'
import type { CallEstimate } from './prices/price-call.ts'

/** How a call can be stopped and watched. */
export interface CallOptions {
  signal: AbortSignal
  /** For whom the call is made, where a route chooses by it. */
  caller?: Partial<RoutingCaller>
  /** The classes of data that the request is of, beside those that guardrails find in it. */
  dataClasses?: readonly string[]
  /** Called with each piece of text as it arrives. */
  onText?: (text: string) => void
  /** Called before a target is tried, with the most that the call can use there. What it throws rules the target out (policy-denied) or ends the call. */
  admit?: (subject: ModelCallSubject, estimate: CallEstimate) => Promise<void>
}

/** Calls models through the routes and providers of an environment. */
export interface Models {
  /**
   * Calls a model and waits for its whole answer. Falls over to the next target of the route as long as nothing was emitted.
   * @throws CausewayError model-not-found, no-provider-available, provider-failed, provider-rejected, provider-timeout;
   * the reason of `signal` when that aborts.
   */
  call(scope: Scope, request: ModelRequest, options: CallOptions): Promise<ModelResponse>
  /** Names that can be called: the routes, then the targets of routes as `provider/model`. */
  list(scope: Scope): Promise<string[]>
}
