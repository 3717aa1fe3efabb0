import {
  CausewayError,
  toolReviewActions,
  ToolReviewState,
  type ToolReview,
  type ToolReviewAction,
} from '@causeway/contracts'

/** From this risk on, nobody approves what they have submitted. */
const fourEyesFrom = 3
const hourMs = 3_600_000

/** How many people must approve a version, by its risk. */
export const approvalsFor = (risk: number): number => (risk >= 4 ? 2 : 1)

/** How long a review may take, in milliseconds: the more there is to look at, the longer. */
export const reviewTimeFor = (risk: number): number => (risk >= 4 ? 120 : risk === 3 ? 72 : 24) * hourMs

/**
 * The state of a review after somebody has acted on it.
 * @throws CausewayError conflict where the action is not possible now, own-request for an approval of one's own
 */
export function nextState(
  { id, state, risk, approvalsNeeded, history }: ToolReview,
  action: ToolReviewAction,
  actor: string,
): ToolReviewState {
  if (action === 'comment') return state
  if (!toolReviewActions[state].includes(action))
    throw new CausewayError(
      'conflict',
      `The review ${id} is ${state}; ${action} needs ${statesFor(action).join(' or ')}.`,
    )
  switch (action) {
    case 'approve': {
      if (risk >= fourEyesFrom && history.some(entry => entry.action === 'submit' && entry.by === actor))
        throw new CausewayError('own-request', `${actor} has submitted the version, and its risk is ${risk}.`)
      return approversOf(history).add(actor).size >= approvalsNeeded ? 'approved' : state
    }
    case 'reject':
      return 'rejected'
    case 'quarantine':
      return 'quarantined'
    case 'restore':
      return 'in-review'
    case 'deprecate':
      return 'deprecated'
    case 'retire':
      return 'retired'
  }
}

const statesFor = (action: ToolReviewAction): ToolReviewState[] =>
  ToolReviewState.options.filter(state => toolReviewActions[state].includes(action))

/** Who has approved since the version was last submitted or restored. */
function approversOf(history: ToolReview['history']): Set<string> {
  const from = history.findLastIndex(({ action }) => action === 'submit' || action === 'restore')
  return new Set(history.slice(from).flatMap(({ action, by }) => (action === 'approve' ? [by] : [])))
}
