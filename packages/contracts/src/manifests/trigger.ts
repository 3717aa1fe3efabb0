import * as z from 'zod'
import { Instant, Name, SecretHandle } from '../names.ts'

/** Messages of a stream of NATS JetStream, each of which starts one run. */
export const NatsSource = z.strictObject({
  type: z.literal('nats'),
  servers: z
    .array(
      z
        .string()
        .max(300)
        .regex(/^(nats|tls):\/\/[\w.-]+(:\d{1,5})?$/, 'expected a server such as nats://nats.example.com:4222'),
    )
    .min(1)
    .max(5)
    .describe(
      'of one cluster, the first that answers is taken; "tls" for those that ask for TLS, without which nothing is sent then',
    ),
  stream: z
    .string()
    .max(100)
    .regex(/^[\w-]+$/, 'expected the name of a stream: letters, digits, - and _'),
  subject: z
    .string()
    .max(300)
    .regex(/^[^\s]+$/, 'expected a subject without blanks, such as orders.new')
    .optional()
    .describe('only messages of this subject; of the whole stream when left out'),
  token: SecretHandle.optional(),
  credentials: SecretHandle.optional().describe('the text of a .creds file'),
})
export type NatsSource = z.infer<typeof NatsSource>

/** What starts a run of an agent by itself. */
export const TriggerSpec = z.strictObject({
  agent: Name,
  input: z
    .string()
    .min(1)
    .max(100_000)
    .describe('what is said to the agent; a webhook or a message adds its body, which nobody relies on'),
  runAs: z
    .string()
    .max(100)
    .regex(/^key_/, 'expected the id of an API key, as `causeway keys list` shows it')
    .describe('the API key whose rights and budgets count; when it is revoked, the trigger stops'),
  on: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('cron'),
      schedule: z.string().min(1).max(100).describe('minute, hour, day of the month, month, day of the week'),
      timezone: z.string().max(60).default('UTC').describe('such as Europe/Berlin'),
    }),
    z.strictObject({
      type: z.literal('once'),
      at: Instant.describe('when; a time that is over is made up for at once'),
    }),
    z.strictObject({
      type: z.literal('message').describe('messages that are sent to it: POST /v1/triggers/{name}/messages'),
    }),
    NatsSource,
    z.strictObject({
      type: z.literal('webhook'),
      secret: SecretHandle.describe('with which its sender signs, by Standard Webhooks'),
    }),
  ]),
})
export type TriggerSpec = z.infer<typeof TriggerSpec>
