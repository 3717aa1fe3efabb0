import { CausewayError, type Approval, type DecideApproval } from '@causeway/contracts'
import type { Audit } from '../audit/index.ts'
import type { Connection, Database, Scope } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'
import {
  closeApproval,
  countPending,
  findApproval,
  overdueApprovals,
  upsertApproval,
  withdrawApprovals,
  type NewApproval,
} from './store.ts'

type Closed = Approval & { status: 'approved' | 'denied' | 'expired' }

/** Calls that wait for a person. */
export interface Approvals {
  /** Asks about a call, in the transaction that lets the run wait. */
  request(connection: Connection, scope: Scope, approval: NewApproval): Promise<void>
  /**
   * Records a person's answer and lets the run go on, in one transaction.
   * @throws CausewayError not-found, already-decided, own-request when who started the run approves it outside of dev
   */
  decide(caller: Caller, id: string, answer: DecideApproval): Promise<Approval>
  /** Closes what has run out of time; the run goes on with the answer "expired". @returns how many */
  expire(): Promise<number>
  /** Takes back what is still pending for a run that has ended. */
  withdraw(connection: Connection, scope: Scope, runId: string): Promise<void>
  countPending(connection: Connection, scope: Scope, runId: string): Promise<number>
}

export interface ApprovalsOptions {
  database: Database
  audit: Audit
  /** Called in the transaction of the answer. */
  onDecided: (
    connection: Connection,
    scope: Scope,
    approval: Closed,
    approvals: Pick<Approvals, 'countPending'>,
  ) => Promise<void>
}

const expiredAtOnce = 100

export function createApprovals({ database, audit, onDecided }: ApprovalsOptions): Approvals {
  const close = (
    scope: Scope,
    id: string,
    actor: string,
    answer: { status: Closed['status']; decidedBy: string | null; comment: string | null },
  ): Promise<Closed> =>
    database.transaction(async transaction => {
      if (!(await closeApproval(transaction, scope, id, answer)))
        throw new CausewayError('already-decided', `The approval ${id} is not pending any more.`)
      const approval = await existing(transaction, scope, id)
      const closed = { ...approval, status: answer.status }
      await audit.record(transaction, {
        organisationId: scope.organisationId,
        environment: approval.environment,
        actor,
        action: `approval.${answer.status}`,
        subject: id,
        detail: { runId: approval.runId, tool: approval.tool, binding: approval.binding, comment: answer.comment },
      })
      await onDecided(transaction, scope, closed, { countPending })
      return closed
    })

  return {
    request: upsertApproval,
    withdraw: withdrawApprovals,
    countPending,

    async decide(caller, id, { outcome, comment }) {
      const { requestedBy } = await existing(database.kysely, caller, id)
      if (outcome === 'approve' && requestedBy === caller.actor && caller.environment !== 'dev')
        throw new CausewayError('own-request', `${caller.actor} has started the run that asks for this.`)
      return close(caller, id, caller.actor, {
        status: outcome === 'approve' ? 'approved' : 'denied',
        decidedBy: caller.actor,
        comment: comment ?? null,
      })
    },

    async expire() {
      const overdue = await overdueApprovals(database.kysely, expiredAtOnce)
      for (const { id, ...scope } of overdue)
        await close(scope, id, 'causeway', { status: 'expired', decidedBy: null, comment: null }).catch(
          (error: unknown) => {
            if (!(error instanceof CausewayError && error.code === 'already-decided')) throw error
          },
        )
      return overdue.length
    },
  }
}

async function existing(connection: Connection, scope: Scope, id: string): Promise<Approval> {
  const approval = await findApproval(connection, scope, id)
  if (!approval) throw new CausewayError('not-found', `There is no approval ${id} here.`)
  return approval
}
