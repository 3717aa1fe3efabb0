import * as z from 'zod'
import { ErrorCode } from '../errors.ts'
import { Integrity, Readers, ValuePointer } from '../labels.ts'
import { Instant, JsonSchema, Name, SecretHandle } from '../names.ts'
import { forPeople } from './for-people.ts'
import { ClientCredentials, ToolAuth } from './tool-auth.ts'

/** What a call of the tool does to the world. */
export const ToolEffect = z.enum(['read', 'write', 'irreversible'])
export type ToolEffect = z.infer<typeof ToolEffect>

const httpUrl = z
  .string()
  .max(2000)
  .regex(/^https?:\/\/[^{}\s/?#@]+(?=[/?#]|$)/, 'expected an http or https URL without user info and with a fixed host')

/** How a tool answers that takes a call with status 202 and answers it later. The run waits without holding anything. */
export const AsyncAnswer = z
  .strictObject({
    by: z
      .enum(['callback', 'poll'])
      .describe(
        'callback: the tool sends it to the address in Causeway-Callback-Url; poll: it is fetched from Location',
      ),
    atMostSeconds: z.number().int().min(1).max(2_592_000).default(3600).describe('how long it is waited for'),
    everySeconds: z
      .number()
      .int()
      .min(1)
      .max(3600)
      .default(10)
      .describe('how often it is asked for, where the tool says nothing in Retry-After'),
  })
  .describe('where the tool answers 202 and the result comes later')
export type AsyncAnswer = z.infer<typeof AsyncAnswer>

/** Called over HTTP. `{name}` in the URL is replaced by that argument, percent-encoded; what is left goes into the query (GET, DELETE) or the JSON body. */
export const HttpImplementation = z.strictObject({
  type: z.literal('http'),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
  url: httpUrl,
  headers: z.record(z.string(), z.union([z.string(), SecretHandle])).default({}),
  auth: ToolAuth.optional(),
  async: AsyncAnswer.optional(),
  reconcile: z
    .strictObject({ url: httpUrl })
    .optional()
    .describe('asked with GET and the Idempotency-Key of a call of which nobody knows whether it took effect'),
})

export type HttpImplementation = z.infer<typeof HttpImplementation>

/** Served by a worker of the team, over a connection that the worker opens. */
export const WorkerImplementation = z.strictObject({ type: z.literal('worker') })

/** Code that runs in the sandbox, where it reaches nothing: no files, no network, nothing of the host. */
export const CodeImplementation = z.strictObject({
  type: z.literal('code'),
  language: z.enum(['javascript', 'typescript']).default('javascript'),
  source: z
    .string()
    .min(1)
    .max(200_000)
    .describe('an ES module without imports; its default export is a function of the arguments'),
})
export type CodeImplementation = z.infer<typeof CodeImplementation>

/** What a tool of an MCP server may ask of those who call it. */
export const ToolAsks = z
  .array(z.enum(['elicitation', 'sampling', 'roots']))
  .min(1)
  .describe('what it may ask an MCP client for in place of an answer (revision 2026-07-28); nothing when absent')
export type ToolAsks = z.infer<typeof ToolAsks>

/** A tool of an MCP server, in the one definition that was reviewed. */
export const McpImplementation = z.strictObject({
  type: z.literal('mcp'),
  server: Name.describe('name of a ToolServer'),
  tool: z.string().min(1).max(200).describe('its name at the server'),
  definition: z
    .string()
    .regex(/^[\da-f]{64}$/, 'expected a SHA-256 in hexadecimal, as `causeway tools import` writes it')
    .describe('of what the server said of the tool when it was reviewed; it is not called while that differs'),
  asks: ToolAsks.optional(),
})
export type McpImplementation = z.infer<typeof McpImplementation>

/** The resources of an MCP server: a call reads the one that the argument `uri` names. */
export const McpResourcesImplementation = z.strictObject({
  type: z.literal('mcp-resources'),
  server: Name.describe('name of a ToolServer'),
  asks: ToolAsks.optional(),
})
export type McpResourcesImplementation = z.infer<typeof McpResourcesImplementation>

/** The prompts of an MCP server: a call gets the one of the `name`, filled with its `arguments`. */
export const McpPromptsImplementation = z.strictObject({
  type: z.literal('mcp-prompts'),
  server: Name.describe('name of a ToolServer'),
  asks: ToolAsks.optional(),
})
export type McpPromptsImplementation = z.infer<typeof McpPromptsImplementation>

/** The completions of an MCP server: a call asks how an `argument` of the prompt or resource template in `ref` could go on. */
export const McpCompletionsImplementation = z.strictObject({
  type: z.literal('mcp-completions'),
  server: Name.describe('name of a ToolServer'),
})
export type McpCompletionsImplementation = z.infer<typeof McpCompletionsImplementation>

/** An agent, called as a tool: a run of its own, within the limits of the run that calls it. */
export const AgentImplementation = z.strictObject({
  type: z.literal('agent'),
  agent: Name.describe('name of an Agent; what the user says to it is the argument `input`, or all arguments as JSON'),
})
export type AgentImplementation = z.infer<typeof AgentImplementation>

/** An agent elsewhere that speaks A2A 1.0: a task of its own for each call. */
export const A2aImplementation = z.strictObject({
  type: z.literal('a2a'),
  url: httpUrl.describe(
    'where its card is, at .well-known/agent-card.json below it; what the user says to it is the argument `message`, or all arguments as JSON; `taskId` and `contextId` go on with a task',
  ),
  headers: z.record(z.string(), z.union([z.string(), SecretHandle])).default({}),
  auth: ClientCredentials.optional(),
  atMostSeconds: z.number().int().min(1).max(2_592_000).default(3600).describe('how long a task is waited for'),
  everySeconds: z.number().int().min(1).max(3600).default(5).describe('how often it is asked how the task stands'),
})
export type A2aImplementation = z.infer<typeof A2aImplementation>

/** What agents remember in a MemoryStore: `remember` keeps the argument `text`, in place of what has the same `key`; `recall` finds what is `about` something, `limit` at the most, or the newest; `forget` drops what has the `id`. */
export const MemoryImplementation = z.strictObject({
  type: z.literal('memory'),
  store: Name.describe('name of a MemoryStore'),
  operation: z.enum(['remember', 'recall', 'forget']),
})
export type MemoryImplementation = z.infer<typeof MemoryImplementation>

/** What a call brings out of the tenant's hands: a mail, a post, a payment, a request to a site. */
export const ToolEgress = z.strictObject({
  destination: ValuePointer.optional().describe(
    'the argument with where it goes: an address, a URL, a channel; without it all goes to the tool itself',
  ),
  allowed: z
    .array(z.string().min(1).max(320))
    .max(1000)
    .default([])
    .describe('destinations that need no further word: addresses, hosts, or @domain and *.host for all of them'),
})
export type ToolEgress = z.infer<typeof ToolEgress>

const labelled = {
  integrity: Integrity.default('untrusted').describe('"trusted" only where no outsider can have written what it says'),
  readers: Readers.default('*').describe('who may see it'),
}

/** The member by which an argument names a result that the model has not read. */
export const handleKey = '$handle'

/** How what a tool answers is labelled. */
export const ResultPolicy = z.strictObject({
  ...labelled,
  dataClasses: z
    .array(Name)
    .min(1)
    .max(20)
    .optional()
    .describe(
      'classes of data that it may be of: once the model has read it, only providers that may be sent these are asked',
    ),
  handle: z
    .boolean()
    .optional()
    .describe(
      'the model is not shown what the tool answers, but a handle with the output schema, which the tool must have; it passes parts on as {"$handle": …, "at": "/…"}',
    ),
  parts: z
    .array(
      z.strictObject({
        at: ValuePointer.describe('the parts of the result that this is about, such as /mails/*'),
        when: z.string().min(1).max(1000).optional().describe('CEL over `part`; without it every one'),
        ...labelled,
      }),
    )
    .max(50)
    .default([])
    .describe('parts with a label of their own; the first that fits counts'),
})
export type ResultPolicy = z.infer<typeof ResultPolicy>

/** A call whose answer is known. It is made when the tool is submitted for review, if the tool only reads. */
export const ContractTest = z
  .strictObject({
    name: z.string().min(1).max(100),
    arguments: z.record(z.string(), z.unknown()),
    output: JsonSchema.optional().describe('what the answer must match; `const` for exactly one'),
    error: ErrorCode.optional().describe('how the call must fail'),
  })
  .refine(({ output, error }) => (output === undefined) !== (error === undefined), {
    message: 'expected either an output or an error',
  })
export type ContractTest = z.infer<typeof ContractTest>

/** Who must approve a call, and in what time. */
export const ApprovalTerms = z
  .strictObject({
    people: z.number().int().min(1).max(5).default(1).describe('how many different people must approve'),
    escalateAfterSeconds: z.number().int().min(1).max(31_536_000).default(86_400).describe('when it is handed up'),
    expireAfterSeconds: z
      .number()
      .int()
      .min(1)
      .max(31_536_000)
      .default(604_800)
      .describe('when nobody can approve it any more'),
  })
  .describe('of a call that needs approval')
export type ApprovalTerms = z.infer<typeof ApprovalTerms>

/** How a tool goes out of use. */
export const Deprecation = z
  .strictObject({
    endsAt: Instant.describe('from when on no call of it is allowed'),
    successor: Name.optional().describe('the tool that takes its place'),
    reason: z.string().min(1).max(500).optional(),
  })
  .describe('present where the tool goes out of use')
export type Deprecation = z.infer<typeof Deprecation>

/** A tool as a security reviewer reads it. Without other word a tool counts as a risky write. */
export const ToolSpec = z.strictObject({
  description: z.string().min(1).max(4000),
  ...forPeople,
  deprecation: Deprecation.optional(),
  input: JsonSchema,
  output: JsonSchema.optional(),
  effect: ToolEffect.default('write'),
  risk: z.number().int().min(1).max(4).default(3),
  approval: z.enum(['by-policy', 'always']).default('by-policy'),
  approvalTerms: ApprovalTerms.optional(),
  criticalArguments: z
    .array(ValuePointer)
    .max(50)
    .optional()
    .describe('arguments that decide whom or what the call concerns; every one where nothing is said'),
  payloadArguments: z.array(ValuePointer).max(50).default([]).describe('arguments whose content is what goes out'),
  egress: ToolEgress.optional().describe('present where a call brings something out'),
  result: ResultPolicy.prefault({}),
  idempotent: z
    .boolean()
    .default(false)
    .describe('the tool honours Idempotency-Key, so that a repeated call has one effect'),
  idempotencyArguments: z
    .array(ValuePointer)
    .min(1)
    .max(10)
    .optional()
    .describe(
      'arguments that name what is done, such as the number of an invoice: what was done once is not done again, whichever run asks for it',
    ),
  retries: z
    .number()
    .int()
    .min(0)
    .max(5)
    .default(0)
    .describe(
      'further attempts after a failure that may pass, with growing pauses or those that the tool asks for; needs idempotent or effect read',
    ),
  cacheSeconds: z
    .number()
    .int()
    .min(1)
    .max(86_400)
    .optional()
    .describe('how long what it has answered is given again to the same call; only for effect read'),
  timeoutSeconds: z.number().min(0.1).max(600).default(30),
  limits: z
    .strictObject({
      concurrent: z.number().int().min(1).max(1000).optional().describe('calls at the same time; further ones wait'),
      perMinute: z.number().int().min(1).max(100_000).optional(),
    })
    .optional()
    .describe('of each replica'),
  contractTests: z.array(ContractTest).max(20).optional().describe('calls whose answers are known'),
  implementation: z.discriminatedUnion('type', [
    HttpImplementation,
    WorkerImplementation,
    CodeImplementation,
    McpImplementation,
    McpResourcesImplementation,
    McpPromptsImplementation,
    McpCompletionsImplementation,
    AgentImplementation,
    A2aImplementation,
    MemoryImplementation,
  ]),
})
export type ToolSpec = z.infer<typeof ToolSpec>
