import * as z from 'zod'

// The parts of the Messages API that are read here. Source: https://docs.claude.com/en/api/messages-streaming

/** Cumulative. `input_tokens` leaves out what was read from or written to the prompt cache. */
export const WireUsage = z.object({
  input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
  cache_read_input_tokens: z.number().nullish(),
  cache_creation_input_tokens: z.number().nullish(),
})
export type WireUsage = z.infer<typeof WireUsage>

/** The events of a streamed message that are read; the others are skipped by their type. */
export const WireEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message_start'), message: z.object({ usage: WireUsage.nullish() }) }),
  z.object({
    type: z.literal('content_block_start'),
    index: z.number().int(),
    content_block: z.object({
      type: z.string(),
      id: z.string().optional(),
      name: z.string().optional(),
      text: z.string().optional(),
    }),
  }),
  z.object({
    type: z.literal('content_block_delta'),
    index: z.number().int(),
    delta: z.object({ type: z.string(), text: z.string().optional(), partial_json: z.string().optional() }),
  }),
  z.object({
    type: z.literal('message_delta'),
    delta: z.object({ stop_reason: z.string().nullish() }),
    usage: WireUsage.nullish(),
  }),
  z.object({ type: z.literal('message_stop') }),
  z.object({ type: z.literal('error'), error: z.unknown() }),
])
export type WireEvent = z.infer<typeof WireEvent>
export const readEventTypes: ReadonlySet<string> = new Set(WireEvent.options.map(({ shape }) => shape.type.value))
