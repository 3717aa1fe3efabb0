import { randomUUID } from 'node:crypto'
import type { Cost, TokenUsage } from '@causeway/contracts'
import type { BatchWriter, Connection, Database } from '../database/index.ts'
import { nothing, type Amounts } from './amounts.ts'
import type { Spender } from './applying-budgets.ts'
import type { Quotas, TakenRoom } from './create-quotas.ts'
import {
  insertReservation,
  releaseReservation,
  settleAbandoned,
  settleReservation,
  type Reservation,
  type SettledEntry,
} from './store.ts'

/** What a settled call has really used. */
export interface Settlement {
  usage: TokenUsage
  cost: Cost
  priceVersion: string | null
}

/** What is about to be made, with the most that it may use. */
export type Planned = Omit<Reservation, 'id' | 'scope' | 'apiKeyId'> & { spender: Spender }

/** Something that was set aside. It is either settled or released, once. */
export interface Held {
  readonly id: string
  /** Budgets that are nearly used up. */
  readonly warnings: readonly string[]
}

/** The books: tokens and money are reserved before a call and settled after it. */
export interface Ledger {
  /**
   * Sets aside what the call of a run may use, in the budgets and in the books, so that a run that is resumed elsewhere finds it.
   * @throws BudgetExceeded
   */
  reserve(planned: Planned): Promise<Held>
  /**
   * Sets aside what a call may use that nobody resumes: the room is taken in the budgets, and the books have the call when
   * it is settled.
   * @throws BudgetExceeded
   */
  hold(planned: Planned): Promise<Held>
  settle(held: Held, settlement: Settlement): Promise<void>
  /** Gives back a reservation whose call was never made. */
  release(held: Held): Promise<void>
  /** Settles in full what a dead process left open for a run. */
  settleAbandoned(connection: Connection, runId: string): Promise<void>
}

interface LedgerDependencies {
  database: Database
  quotas: Quotas
  settled: BatchWriter<SettledEntry>
}

interface HeldHere extends Held {
  room: TakenRoom
  /** What is booked when it is settled; undefined where the books have the reservation. */
  unbooked: (Reservation & { createdAt: Date }) | undefined
}

export function createLedger({ database, quotas, settled }: LedgerDependencies): Ledger {
  const take = (planned: Planned): TakenRoom | Promise<TakenRoom> => quotas.take(planned.spender, wantedBy(planned))
  const hereOf = (held: Held): HeldHere => held as HeldHere
  return {
    async reserve(planned) {
      const room = await take(planned)
      const entry = entryOf(planned)
      try {
        await insertReservation(database.kysely, entry)
      } catch (error) {
        room.settle(nothing)
        throw error
      }
      return { id: entry.id, warnings: room.warnings, room, unbooked: undefined } satisfies HeldHere
    },
    async hold(planned) {
      const waiting = settled.room()
      if (waiting) await waiting
      const room = await take(planned)
      const entry = entryOf(planned)
      return {
        id: entry.id,
        warnings: room.warnings,
        room,
        unbooked: { ...entry, createdAt: new Date() },
      } satisfies HeldHere
    },
    async settle(held, settlement) {
      const { id, room, unbooked } = hereOf(held)
      room.settle(usedBy(settlement))
      if (unbooked) settled.add({ ...unbooked, ...settlement, settledAt: new Date() })
      else await settleReservation(database.kysely, id, settlement)
    },
    async release(held) {
      const { id, room, unbooked } = hereOf(held)
      room.settle(nothing)
      if (!unbooked) await releaseReservation(database.kysely, id)
    },
    settleAbandoned,
  }
}

const entryOf = ({ spender, ...planned }: Planned): Reservation => ({
  ...planned,
  id: randomUUID(),
  scope: spender.scope,
  apiKeyId: spender.keyId,
})

const wantedBy = ({ tokens, nanoUsd }: Planned): Amounts => ({ requests: 1, tokens, nanoUsd })

const usedBy = ({ usage, cost }: Settlement): Amounts => ({
  requests: 1,
  tokens: usage.inputTokens + usage.outputTokens,
  nanoUsd: cost.nanoUsd,
})
