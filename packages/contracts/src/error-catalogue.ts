interface ErrorDefinition {
  /** HTTP status (RFC 9110). */
  readonly status: number
  /** What went wrong, in a few words; the `title` of the problem document. */
  readonly title: string
  /** What the caller can do next. */
  readonly remedy: string
  /** Whether the same request may succeed later. */
  readonly retryable: boolean
}

/** Every error that Causeway reports, by its stable code. Codes are never renamed or reused. */
export const errorCatalogue = {
  'invalid-request': {
    status: 400,
    title: 'The request is not valid',
    remedy: 'Correct the fields listed in "problems" and send the request again.',
    retryable: false,
  },
  'invalid-json': {
    status: 400,
    title: 'The body is not valid JSON',
    remedy: 'Send a JSON body with the header content-type: application/json.',
    retryable: false,
  },
  'invalid-cursor': {
    status: 400,
    title: 'The cursor is not valid',
    remedy: 'Use the nextCursor of the previous page unchanged, or leave the cursor out to start again.',
    retryable: false,
  },
  'invalid-manifest': {
    status: 422,
    title: 'A manifest is not valid',
    remedy: 'Correct the places listed in "problems"; `causeway validate` shows them with file, line and column.',
    retryable: false,
  },
  'invalid-tool-arguments': {
    status: 422,
    title: 'The arguments do not match the input schema of the tool',
    remedy: 'Send arguments that match the input schema; the message names the place.',
    retryable: false,
  },
  'invalid-tool-output': {
    status: 502,
    title: 'The result of the tool does not match its output schema',
    remedy: 'Correct the tool or its output schema.',
    retryable: false,
  },
  'missing-credentials': {
    status: 401,
    title: 'The request carries no credentials',
    remedy:
      'Send an API key: "Authorization: Bearer cw_…". The first admin key is in the file admin-key of the data folder.',
    retryable: false,
  },
  'invalid-credentials': {
    status: 401,
    title: 'The API key is not known, has expired or was revoked',
    remedy: 'Create a new key with `causeway keys create`, or ask an administrator for one.',
    retryable: false,
  },
  'missing-right': {
    status: 403,
    title: 'The API key does not have the right that this needs',
    remedy: 'Use a key of a role that has the right named in the detail, or ask an administrator.',
    retryable: false,
  },
  'environment-mismatch': {
    status: 403,
    title: 'The API key is bound to another environment',
    remedy: 'Leave the Causeway-Environment header out, or use a key of that environment.',
    retryable: false,
  },
  'policy-denied': {
    status: 403,
    title: 'A policy denies this',
    remedy: 'See the reasons; a policy author can change the policy that is named there.',
    retryable: false,
  },
  'guardrail-blocked': {
    status: 400,
    title: 'A guardrail blocks this text',
    remedy: 'Take out what the message names; what was found is not repeated there.',
    retryable: false,
  },
  'cross-site-request': {
    status: 403,
    title: 'A page of another site may not use the console session',
    remedy: 'Call the API with an API key in the Authorization header instead of the cookie of the console.',
    retryable: false,
  },
  'not-found': {
    status: 404,
    title: 'There is no such thing here',
    remedy: 'Check the id and the environment; things of other tenants and environments are not visible.',
    retryable: false,
  },
  'unknown-environment': {
    status: 404,
    title: 'There is no environment of that name',
    remedy: 'List the environments with GET /v1/environments.',
    retryable: false,
  },
  conflict: {
    status: 409,
    title: 'The request conflicts with the present state',
    remedy: 'Read the resource again and decide anew.',
    retryable: false,
  },
  'already-decided': {
    status: 409,
    title: 'The approval has already been decided or has expired',
    remedy: 'Read the approval; a decision is final.',
    retryable: false,
  },
  'own-request': {
    status: 403,
    title: 'Nobody approves what they have asked for',
    remedy: 'Ask somebody else with the right that this needs; you can deny or reject it yourself.',
    retryable: false,
  },
  'review-needed': {
    status: 409,
    title: 'A tool has not been approved',
    remedy:
      'Submit it with `causeway tool-reviews submit FILE`, and have it approved with `causeway tool-reviews approve ID`.',
    retryable: false,
  },
  'queue-full': {
    status: 429,
    title: 'Too many runs wait for a worker',
    remedy: 'Send the request again after the time in the Retry-After header, or let fewer runs wait at a time.',
    retryable: true,
  },
  'session-busy': {
    status: 409,
    title: 'Another run of this session has not ended',
    remedy: 'Wait for that run, cancel it, or start a new session.',
    retryable: true,
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used with another request',
    remedy: 'Use a new key for a new request, or repeat the first request unchanged.',
    retryable: false,
  },
  'payload-too-large': {
    status: 413,
    title: 'The request is too large',
    remedy: 'Send less than the limit named in the detail.',
    retryable: false,
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The content type is not supported',
    remedy: 'Send application/json.',
    retryable: false,
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    remedy: 'Wait for the seconds in the Retry-After header.',
    retryable: true,
  },
  'budget-exceeded': {
    status: 429,
    title: 'A budget is used up',
    remedy:
      'Wait for the seconds in the Retry-After header, or ask for a larger budget; "causeway usage" shows what is used.',
    retryable: false,
  },
  'limit-exceeded': {
    status: 429,
    title: 'A limit of the run is used up',
    remedy: 'Raise the limit in the agent or in the request, or start a new run.',
    retryable: false,
  },
  'model-not-found': {
    status: 404,
    title: 'No model or route of that name',
    remedy: 'List what can be called with GET /v1/models.',
    retryable: false,
  },
  'no-provider-available': {
    status: 503,
    title: 'No target of the route is available',
    remedy:
      'Configure a provider: set OPENAI_API_KEY or ANTHROPIC_API_KEY, start Ollama or vLLM, set CAUSEWAY_LOCAL_MODEL, or add a rehearsal provider to the route.',
    retryable: true,
  },
  'provider-failed': {
    status: 502,
    title: 'The model provider failed',
    remedy: 'Try again; the detail has what the provider said.',
    retryable: true,
  },
  'provider-rate-limited': {
    status: 429,
    title: 'The model provider limits the rate',
    remedy: 'Wait for the seconds in the Retry-After header, or give the provider more keys or the route more targets.',
    retryable: true,
  },
  'provider-rejected': {
    status: 502,
    title: 'The model provider rejected the request',
    remedy: 'See the detail for what the provider said; correct the request, the model name or the provider key.',
    retryable: false,
  },
  'request-refused': {
    status: 400,
    title: 'The model provider finds fault with the request',
    remedy: 'Correct what the detail names; it has what the provider said.',
    retryable: false,
  },
  'content-refused': {
    status: 400,
    title: 'The model provider does not answer this',
    remedy: 'Change the prompt; the detail has the reason that the provider gave.',
    retryable: false,
  },
  'context-too-long': {
    status: 400,
    title: 'The conversation is too long for the model',
    remedy: 'Shorten the conversation, or add a target with a larger context to the route.',
    retryable: false,
  },
  'provider-timeout': {
    status: 504,
    title: 'The model provider did not answer in time',
    remedy: 'Try again, or use another target in the route.',
    retryable: true,
  },
  'tool-failed': {
    status: 502,
    title: 'The tool failed',
    remedy: 'See the detail for what the tool said.',
    retryable: true,
  },
  'sandbox-unavailable': {
    status: 503,
    title: 'A program cannot be locked up here',
    remedy:
      'The operator installs bubblewrap (the command bwrap) and names the folders that programs may see in CAUSEWAY_STDIO_FOLDERS.',
    retryable: false,
  },
  'tool-unavailable': {
    status: 503,
    title: 'The tool does not answer, and is left alone for a while',
    remedy: 'Wait for the seconds in the Retry-After header, and look after the tool.',
    retryable: true,
  },
  'tool-timeout': {
    status: 504,
    title: 'The tool did not answer in time',
    remedy: 'Raise timeoutSeconds of the tool, or make the tool faster.',
    retryable: true,
  },
  'tool-changed': {
    status: 409,
    title: 'The tool is not the one that was reviewed',
    remedy:
      'Look at what has changed with `causeway tools import`, and apply the manifest that it writes if that is all right.',
    retryable: false,
  },
  'tool-outcome-unknown': {
    status: 502,
    title: 'It is not known whether the call took effect',
    remedy: 'Look in the target system before you repeat the call; Causeway does not repeat it by itself.',
    retryable: false,
  },
  'not-recorded': {
    status: 409,
    title: 'The run that is repeated did not make this call',
    remedy: 'Look at the first divergence: `causeway runs replay` shows it. A replay calls no tools.',
    retryable: false,
  },
  'no-worker': {
    status: 503,
    title: 'No worker is connected that serves the tool',
    remedy: 'Start the worker that serves the tool.',
    retryable: true,
  },
  'egress-denied': {
    status: 403,
    title: 'The address may not be reached',
    remedy:
      'Use an address that is allowed; private and link-local addresses are refused unless the operator allows them with CAUSEWAY_EGRESS_ALLOW.',
    retryable: false,
  },
  'secret-not-found': {
    status: 503,
    title: 'A secret has no value',
    remedy: 'Put the value where the detail says; `causeway secrets set <name>` reads it from standard input.',
    retryable: false,
  },
  'secret-store-unavailable': {
    status: 503,
    title: 'The store of a secret gives no answer that can be used',
    remedy: 'See the detail for which store and why; correct its settings or start it again.',
    retryable: true,
  },
  'database-unavailable': {
    status: 503,
    title: 'The database does not answer',
    remedy: 'Try again after the seconds in the Retry-After header.',
    retryable: true,
  },
  'not-ready': {
    status: 503,
    title: 'This replica is not ready',
    remedy: 'Wait; the detail names what is missing.',
    retryable: true,
  },
  'shutting-down': {
    status: 503,
    title: 'This replica is shutting down',
    remedy: 'Try again; another replica or the next start will answer.',
    retryable: true,
  },
  internal: {
    status: 500,
    title: 'Something went wrong inside Causeway',
    remedy: 'Report it with the trace id; the log has the cause.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorDefinition>
