import * as z from 'zod'
import { Integrity } from '../labels.ts'
import { Name } from '../names.ts'
import { SafetyProfile } from './agent.ts'
import { ToolEffect } from './tool.ts'

/** A call of a tool by an agent that lists it, and what is to come of it under the built-in policies and those of the manifest. */
export const PolicyTest = z.strictObject({
  name: z.string().min(1).max(200),
  agent: Name.default('agent'),
  tool: z
    .strictObject({
      name: Name.default('tool'),
      effect: ToolEffect.default('write'),
      risk: z.number().int().min(1).max(4).default(3),
      egress: z.boolean().default(false),
    })
    .prefault({}),
  arguments: z.record(z.string(), z.unknown()).optional().describe('of the call, for conditions'),
  context: z
    .strictObject({
      environment: z
        .string()
        .max(63)
        .regex(/^[a-z0-9_-]+(\/[a-z0-9_-]+)?$/, 'expected the name of an environment, such as prod or shop/prod')
        .default('prod'),
      role: z.string().max(63).default('developer'),
      requestedBy: z.string().max(200).default('key:test'),
      team: Name.optional(),
      profile: SafetyProfile.default('balanced'),
      integrity: Integrity.default('trusted'),
      flags: z.array(z.string().max(63)).max(50).optional(),
      dataClasses: z.array(Name).max(50).optional(),
      argumentsFrom: z.enum(['none', 'user-stated', 'trusted', 'other']).default('none'),
    })
    .prefault({}),
  expect: z.enum(['allow', 'ask', 'deny']),
})
export type PolicyTest = z.infer<typeof PolicyTest>

/** What is decided about calls of tools by their arguments. */
export const PolicyCondition = z.strictObject({
  id: Name,
  tools: z.array(Name).min(1).max(100).describe('the tools whose calls it is about'),
  when: z
    .string()
    .min(1)
    .max(2000)
    .describe(
      'CEL over `arguments`, which are in their canonical form; a call on which it cannot be evaluated is denied',
    ),
  answer: z.enum(['ask', 'deny']).describe('what comes of a call of which it is true'),
  message: z.string().min(1).max(500).optional().describe('what people and the model are told'),
})
export type PolicyCondition = z.infer<typeof PolicyCondition>

/** Cedar policies that apply in the environment, beside the built-in ones. */
export const PolicySpec = z.strictObject({
  cedar: z.string().max(200_000).default(''),
  conditions: z.array(PolicyCondition).max(100).optional(),
  mode: z
    .enum(['enforce', 'shadow'])
    .optional()
    .describe(
      'enforce where nothing is said; "shadow" decides nothing: what would come of calls of tools is only recorded',
    ),
  tests: z.array(PolicyTest).max(500).optional().describe('calls that are tried before the manifest is applied'),
})
export type PolicySpec = z.infer<typeof PolicySpec>
