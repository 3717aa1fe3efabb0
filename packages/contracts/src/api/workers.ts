import * as z from 'zod'

/** Query of a worker's connection: the tools that it serves. */
export const WorkerQuery = z.object({ tools: z.string().min(1).max(8000).describe('names of tools, comma-separated') })

/** A tool call sent to a worker as an event of its stream (event name `call`). */
export const WorkerCall = z.object({
  callId: z.string(),
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  idempotencyKey: z.string(),
  runId: z.string().nullable(),
  deadline: z.iso.datetime(),
})
export type WorkerCall = z.infer<typeof WorkerCall>

/** First event of a worker's stream (event name `ready`). */
export const WorkerReady = z.object({ workerId: z.string() })
export type WorkerReady = z.infer<typeof WorkerReady>

/** What a worker answers to a call. */
export const WorkerResult = z.discriminatedUnion('outcome', [
  z.strictObject({ callId: z.string(), outcome: z.literal('completed'), output: z.unknown() }),
  z.strictObject({ callId: z.string(), outcome: z.literal('failed'), message: z.string().max(10_000) }),
])
export type WorkerResult = z.infer<typeof WorkerResult>
