import { startErasure } from './agents/index.ts'
import { startExpiry } from './approvals/index.ts'
import { startAuditRetention } from './audit/index.ts'
import { startRemoval } from './models/index.ts'
import { startWatchingObjectives } from './objectives/index.ts'
import { startRetention } from './usage/index.ts'

type OptionsOf<Start extends (options: never) => unknown> = Parameters<Start>[0]

type Upkeep = Omit<
  OptionsOf<typeof startExpiry> &
    OptionsOf<typeof startRetention> &
    OptionsOf<typeof startErasure> &
    OptionsOf<typeof startAuditRetention> &
    OptionsOf<typeof startWatchingObjectives>,
  'keepCallsDays' | 'keepDays'
> & {
  storedResponses: OptionsOf<typeof startRemoval>['responses']
  config: { keepCallsDays: number; keepSessionsDays?: number | undefined; keepAuditDays?: number | undefined }
}

/** Starts what every replica does now and then beside its requests and runs. @returns the ends of it */
export const startUpkeep = ({ config, storedResponses, ...parts }: Upkeep): (() => Promise<void>)[] => [
  startExpiry(parts),
  startRemoval({ ...parts, responses: storedResponses }),
  startRetention({ ...parts, keepCallsDays: config.keepCallsDays }),
  startErasure({ ...parts, keepDays: config.keepSessionsDays }),
  startAuditRetention({ ...parts, keepDays: config.keepAuditDays }),
  startWatchingObjectives(parts),
]
