import type { GovernedEnd } from '../../agents/index.ts'

/** What a client is told of a call that waits for people. */
export const waitingText = (approvals: Extract<GovernedEnd, { state: 'waits' }>['approvals']): string =>
  approvals
    .map(
      ({ approvalId, decision }) =>
        `The call waits for a person (${approvalId}): ${decision.reasons.map(({ message }) => message).join(' ')} ` +
        'Call again with the same arguments when it is decided.',
    )
    .join(' ')
