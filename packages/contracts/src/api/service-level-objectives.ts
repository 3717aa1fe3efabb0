import * as z from 'zod'
import { ServiceLevelObjectiveSpec } from '../manifests/service-level-objective.ts'
import { Instant, Name } from '../names.ts'
import { pageOf } from '../paging.ts'

/** How urgent it is that an error budget burns: somebody is to be woken, or it can wait for the next day. */
export const BurnSeverity = z.enum(['page', 'ticket'])
export type BurnSeverity = z.infer<typeof BurnSeverity>

/** How fast an error budget burns. */
export const BurnRate = z.object({
  severity: BurnSeverity,
  hours: z.number().int().describe('the window that is looked at'),
  rate: z.number().describe('1 uses the error budget up at the end of the window of the objective'),
  recentRate: z.number().describe('over the last twelfth of these hours: whether it still goes on'),
  threshold: z.number().describe('from which both rates make an alert'),
  firingSince: Instant.nullable(),
})
export type BurnRate = z.infer<typeof BurnRate>

/** What is promised, and how it stands. */
export const ServiceLevelObjective = z.object({
  name: Name,
  spec: ServiceLevelObjectiveSpec,
  windowDays: z.number().int(),
  good: z.number().int().describe('in the window'),
  bad: z.number().int(),
  attained: z.number().nullable().describe('percent that was good; null where there was nothing'),
  errorBudget: z.object({
    allowed: z.number().describe('how many may be bad, of as many as there were'),
    remainingPercent: z.number().describe('of it; below zero when more were bad than may be'),
  }),
  burn: z.array(BurnRate),
})
export type ServiceLevelObjective = z.infer<typeof ServiceLevelObjective>

/** The objectives of an environment, by name. */
export const ServiceLevelObjectivePage = pageOf(ServiceLevelObjective)

/** One objective, day by day. */
export const ServiceLevelObjectiveDetail = ServiceLevelObjective.extend({
  days: z.array(z.object({ day: z.iso.date(), good: z.number().int(), bad: z.number().int() })).describe('in UTC'),
})
export type ServiceLevelObjectiveDetail = z.infer<typeof ServiceLevelObjectiveDetail>
