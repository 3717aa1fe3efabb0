import * as z from 'zod'
import { RunLimits } from '../limits.ts'
import { Name } from '../names.ts'

/** An agent: instructions, a route to models, and the tools that it may ask for. */
export const AgentSpec = z.strictObject({
  instructions: z.string().min(1).max(100_000),
  model: Name.describe('name of a Route'),
  tools: z.array(Name).max(128).default([]).describe('names of Tools'),
  limits: RunLimits.prefault({}),
  temperature: z.number().min(0).max(2).optional(),
  maxOutputTokens: z.number().int().min(1).max(1_000_000).optional().describe('per model call'),
})
export type AgentSpec = z.infer<typeof AgentSpec>
