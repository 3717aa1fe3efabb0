import * as z from 'zod'
import { Name, SecretHandle } from '../names.ts'

/**
 * What a guardrail finds without being told how it looks. What has a checksum is found only where that is right. An "injection" is
 * text in the shape of orders to a model, "hidden-text" is what people do not see and models read.
 */
export const Detector = z.enum([
  'email',
  'phone',
  'payment-card',
  'iban',
  'us-ssn',
  'ip-address',
  'credential',
  'injection',
  'hidden-text',
])
export type Detector = z.infer<typeof Detector>

/** Which way a text goes: to a model, from one, or from a tool before it is recorded and anybody reads it. */
export const GuardrailSide = z.enum(['input', 'output', 'result'])
export type GuardrailSide = z.infer<typeof GuardrailSide>

export const GuardrailAction = z.enum(['redact', 'block', 'classify', 'flag'])
export type GuardrailAction = z.infer<typeof GuardrailAction>

/**
 * A detector on a server of its own, which is asked over the detector API of the open-source FMS guardrails orchestrator: `POST
 * {url}/api/v1/text/contents` with the header `detector-id`.
 */
export const ExternalDetector = z.strictObject({
  name: Name.describe('what stands in findings and in the place of what was found'),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .describe('of the server, without /api/v1/text/contents'),
  detectorId: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[ -~]+$/)
    .describe('which of the detectors of the server'),
  parameters: z.record(z.string().max(200), z.json()).default({}).describe('sent as detector_params'),
  minimumScore: z.number().min(0).max(1).default(0.5).describe('what it is less sure of does not count'),
  token: SecretHandle.optional().describe('sent as a bearer token'),
  timeoutSeconds: z.number().min(0.1).max(30).default(5),
  onFailure: z
    .enum(['block', 'pass'])
    .default('block')
    .describe('"block" refuses what the detector could not be asked about, "pass" lets it through unseen by it'),
})
export type ExternalDetector = z.infer<typeof ExternalDetector>

/** What is done about something in the texts of every call of a model or a tool in the environment. */
export const GuardrailSpec = z.strictObject({
  detectors: z.array(Detector).max(20).default([]),
  patterns: z
    .array(
      z.strictObject({
        name: Name,
        match: z.string().min(1).max(1000).describe('a regular expression (RE2), which takes linear time'),
      }),
    )
    .max(50)
    .default([]),
  external: z
    .array(ExternalDetector)
    .max(5)
    .optional()
    .describe('detectors on servers of their own; they look into what goes to a model and what tools answer'),
  at: z.array(GuardrailSide).min(1).max(3).default(['input']),
  action: GuardrailAction.describe(
    '"redact" puts the name of what was found in its place, "block" refuses the call or withholds the result, "classify" says that the data is of a class, "flag" says what was found. In a result whatever was found stands in its label, whatever the action',
  ),
  dataClass: Name.optional().describe('the class of data that a text with such a thing is'),
})
export type GuardrailSpec = z.infer<typeof GuardrailSpec>

/** What a guardrail has found in the texts of a call of a model or a tool. What it was is not kept. */
export const GuardrailFinding = z.object({
  guardrail: z.string(),
  detector: z.string().describe('the detector or pattern that found it'),
  at: GuardrailSide,
  action: GuardrailAction,
  count: z.number().int(),
})
export type GuardrailFinding = z.infer<typeof GuardrailFinding>
