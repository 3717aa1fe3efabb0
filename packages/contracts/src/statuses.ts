import * as z from 'zod'

/** How a run can end. */
export const EndStatus = z.enum(['succeeded', 'failed', 'cancelled', 'limited'])
export type EndStatus = z.infer<typeof EndStatus>

/** Where a run is in its life. */
export const RunStatus = z.enum(['queued', 'running', 'waiting', ...EndStatus.options])
export type RunStatus = z.infer<typeof RunStatus>

/** How urgent a run is: somebody waits for it, or it is one of many, or it only measures. */
export const RunPriority = z.enum(['interactive', 'batch', 'evaluation'])
export type RunPriority = z.infer<typeof RunPriority>

/** Whether a run of this status has ended. */
export const hasEnded = (status: RunStatus): status is EndStatus => EndStatus.options.some(end => end === status)

/** Where an approval is in its life. */
export const ApprovalStatus = z.enum(['pending', 'approved', 'denied', 'expired', 'withdrawn'])
export type ApprovalStatus = z.infer<typeof ApprovalStatus>

/** How a call of a model ended. `abandoned`: the client left before the end. */
export const ModelCallOutcome = z.enum(['completed', 'failed', 'abandoned'])
export type ModelCallOutcome = z.infer<typeof ModelCallOutcome>
