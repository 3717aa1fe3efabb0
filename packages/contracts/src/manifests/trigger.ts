import * as z from 'zod'
import { Name, SecretHandle } from '../names.ts'

/** What starts a run of an agent by itself. */
export const TriggerSpec = z.strictObject({
  agent: Name,
  input: z
    .string()
    .min(1)
    .max(100_000)
    .describe('what is said to the agent; a webhook adds its body, which nobody relies on'),
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
      type: z.literal('webhook'),
      secret: SecretHandle.describe('with which its sender signs, by Standard Webhooks'),
    }),
  ]),
})
export type TriggerSpec = z.infer<typeof TriggerSpec>
