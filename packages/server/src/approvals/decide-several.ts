import { CausewayError, type DecideApprovals, type DecidedApprovals } from '@causeway/contracts'
import type { Approvals, Decider } from './create-approvals.ts'

/** Decides approvals one after the other, each by itself: one that cannot be decided stops none of the others. */
export async function decideSeveral(
  approvals: Pick<Approvals, 'decide'>,
  decider: Decider,
  { ids, ...answer }: DecideApprovals,
): Promise<DecidedApprovals> {
  const data: DecidedApprovals['data'] = []
  for (const id of new Set(ids)) {
    try {
      data.push({ id, approval: await approvals.decide(decider, id, answer), error: null })
    } catch (error) {
      if (!(error instanceof CausewayError)) throw error
      data.push({ id, approval: null, error: { code: error.code, message: error.message } })
    }
  }
  return { data }
}
