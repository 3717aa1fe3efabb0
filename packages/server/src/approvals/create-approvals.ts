import {
  CausewayError,
  isDevelopment,
  type Approval,
  type DecideApproval,
  type DelegateApproval,
  type EditedCall,
} from '@causeway/contracts'
import type { Audit } from '../audit/index.ts'
import type { Connection, Database, Scope } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'
import {
  addApprover,
  assignApproval,
  closeApproval,
  countPending,
  escalateNext,
  findApproval,
  overdueApprovals,
  upsertApproval,
  withdrawApprovals,
  type NewApproval,
} from './store.ts'

/** Who decides, in which environment. */
export type Decider = Pick<Caller, 'organisationId' | 'environmentId' | 'environment' | 'actor'>

type Closed = Approval & { status: 'approved' | 'denied' | 'expired' }

/** Calls that wait for a person. */
export interface Approvals {
  /** Asks about a call, in the transaction that lets the run wait. */
  request(connection: Connection, scope: Scope, approval: NewApproval): Promise<void>
  /**
   * Records a person's answer and lets the run go on, in one transaction; with the last approval where several people must give it.
   * @throws CausewayError not-found, already-decided, conflict for who has approved before or changes what several must approve,
   * invalid-request for arguments that the tool does not take, own-request when who started the run approves it outside of dev
   */
  decide(decider: Decider, id: string, answer: DecideApproval): Promise<Approval>
  /** Hands an approval on to another person, and tells so in the log of the run. @throws CausewayError not-found, already-decided */
  delegate(decider: Decider, id: string, to: DelegateApproval): Promise<Approval>
  /** Hands up what has waited too long, and tells so in the logs of the runs. @returns how many */
  escalate(): Promise<number>
  /** Closes what has run out of time; the run goes on with the answer "expired". @returns how many */
  expire(): Promise<number>
  /** Takes back what is still pending for a run that has ended. */
  withdraw(connection: Connection, scope: Scope, runId: string): Promise<void>
  countPending(connection: Connection, scope: Scope, runId: string): Promise<number>
}

export interface ApprovalsOptions {
  database: Database
  audit: Audit
  /** The call with other arguments. @throws CausewayError invalid-request where the tool does not take them */
  readEdited: (scope: Scope, approval: Approval, values: Record<string, unknown>) => Promise<EditedCall>
  /** Called in the transaction that hands an approval up. */
  onEscalated: (connection: Connection, approval: Approval) => Promise<void>
  /** Called in the transaction that hands an approval on. */
  onDelegated: (
    connection: Connection,
    approval: Approval,
    by: { to: string; by: string; comment: string | null },
  ) => Promise<void>
  /** Called in the transaction of the answer. */
  onDecided: (
    connection: Connection,
    scope: Scope,
    approval: Closed,
    approvals: Pick<Approvals, 'countPending'>,
  ) => Promise<void>
}

const atOnce = 100

export function createApprovals({
  database,
  audit,
  readEdited,
  onEscalated,
  onDelegated,
  onDecided,
}: ApprovalsOptions): Approvals {
  const note = async (
    transaction: Connection,
    { organisationId }: Scope,
    { id, environment, runId, tool, binding, edited }: Approval,
    { actor, action, comment }: { actor: string; action: string; comment: string | null },
  ): Promise<void> =>
    audit.record(transaction, {
      organisationId,
      environment,
      actor,
      action,
      subject: id,
      detail: { runId, tool, binding, comment, ...(edited && { editedTo: edited.binding }) },
    })

  /** Tells the run how an approval was decided, in the transaction in which it was. */
  const tell = async (transaction: Connection, scope: Scope, approval: Approval, actor: string): Promise<Approval> => {
    const { status, comment } = approval
    await note(transaction, scope, approval, { actor, action: `approval.${status}`, comment })
    if (status === 'approved' || status === 'denied' || status === 'expired')
      await onDecided(transaction, scope, { ...approval, status }, { countPending })
    return approval
  }

  const close = async (
    transaction: Connection,
    scope: Scope,
    id: string,
    actor: string,
    answer: { status: 'denied' | 'expired'; decidedBy: string | null; comment: string | null },
  ): Promise<Approval> => {
    if (!(await closeApproval(transaction, scope, id, answer))) throw notPending(id)
    return tell(transaction, scope, await existing(transaction, scope, id), actor)
  }

  const escalateOne = async (transaction: Connection): Promise<boolean> => {
    const found = await escalateNext(transaction)
    if (!found) return false
    const approval = await existing(transaction, found, found.id)
    await note(transaction, found, approval, { actor: 'causeway', action: 'approval.escalated', comment: null })
    await onEscalated(transaction, approval)
    return true
  }

  return {
    request: upsertApproval,
    withdraw: withdrawApprovals,
    countPending,

    async decide(caller, id, { outcome, comment, arguments: values }) {
      const asked = await existing(database.kysely, caller, id)
      const { requestedBy } = asked
      if (outcome === 'approve' && requestedBy === caller.actor && !isDevelopment(caller.environment))
        throw new CausewayError('own-request', `${caller.actor} has started the run that asks for this.`)
      const { actor } = caller
      const said = comment ?? null
      if (values && outcome === 'deny')
        throw new CausewayError('invalid-request', 'A call that is denied has no arguments.')
      if (values && asked.needed > 1)
        throw new CausewayError('conflict', `${asked.needed} people must approve the same; the call cannot be changed.`)
      const edited = values && (await readEdited(caller, asked, values))
      return database.transaction(async transaction => {
        if (outcome === 'deny')
          return close(transaction, caller, id, actor, { status: 'denied', decidedBy: actor, comment: said })
        const status = await addApprover(transaction, caller, id, { actor, comment: said, edited })
        const approval = await existing(transaction, caller, id)
        if (!status && approval.status === 'pending' && approval.approvedBy.includes(actor))
          throw new CausewayError('conflict', `${actor} has approved this; ${approval.needed} people must.`)
        if (!status) throw notPending(id)
        if (status !== 'pending') return tell(transaction, caller, approval, actor)
        await note(transaction, caller, approval, { actor, action: 'approval.given', comment: said })
        return approval
      })
    },

    async delegate(caller, id, { to, comment = null }) {
      const { actor } = caller
      return database.transaction(async transaction => {
        const asked = await existing(transaction, caller, id)
        if (!(await assignApproval(transaction, caller, id, to))) throw notPending(id)
        await note(transaction, caller, asked, {
          actor,
          action: 'approval.delegated',
          comment: `to ${to}: ${comment ?? ''}`,
        })
        await onDelegated(transaction, asked, { to, by: actor, comment })
        return existing(transaction, caller, id)
      })
    },

    async escalate() {
      let escalated = 0
      while (escalated < atOnce && (await database.transaction(escalateOne))) escalated++
      return escalated
    },

    async expire() {
      const overdue = await overdueApprovals(database.kysely, atOnce)
      for (const { id, ...scope } of overdue)
        await database
          .transaction(transaction =>
            close(transaction, scope, id, 'causeway', { status: 'expired', decidedBy: null, comment: null }),
          )
          .catch((error: unknown) => {
            if (!(error instanceof CausewayError && error.code === 'already-decided')) throw error
          })
      return overdue.length
    },
  }
}

const notPending = (id: string): CausewayError =>
  new CausewayError('already-decided', `The approval ${id} is not pending any more.`)

async function existing(connection: Connection, scope: Scope, id: string): Promise<Approval> {
  const approval = await findApproval(connection, scope, id)
  if (!approval) throw new CausewayError('not-found', `There is no approval ${id} here.`)
  return approval
}
