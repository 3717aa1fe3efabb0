/**
 * What kind of failure an attempt ended in, which decides what is tried next.
 * - `transient`: the connection or the server failed; the same may work the next time
 * - `silent`: nothing came in time, and nothing is likely to come the next time
 * - `rate`: this key has asked too often for now
 * - `quota`: this account has no credit or no allowance left
 * - `dead-key`: the provider refuses the key
 * - `capacity`: the provider is overloaded
 * - `unknown-model`: the provider does not have the model
 * - `context-overflow`: the conversation is too long for the model
 * - `content-policy`: the provider will not answer this
 * - `request`: the provider finds fault with the request itself
 */
export type FailureClass =
  | 'transient'
  | 'silent'
  | 'rate'
  | 'quota'
  | 'dead-key'
  | 'capacity'
  | 'unknown-model'
  | 'context-overflow'
  | 'content-policy'
  | 'request'
