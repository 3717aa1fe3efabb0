import { randomUUID } from 'node:crypto'
import type { Cost, TokenUsage } from '@causeway/contracts'
import type { Carried, Connection, Database } from '../database/index.ts'
import { nothing, type Amounts } from './amounts.ts'
import type { Spender } from './applying-budgets.ts'
import type { Quotas, TakenRoom } from './create-quotas.ts'
import type { RateLimit } from './rate-limit.ts'
import {
  carriedReservation,
  carriedSettlement,
  releaseReservation,
  settleAbandoned,
  settleReservation,
  type Reservation,
} from './store.ts'

/** What a settled call has really used. */
export interface Settlement {
  usage: TokenUsage
  cost: Cost
  priceVersion: string | null
}

/** What is about to be made, with the most that it may use. */
export type Planned = Omit<Reservation, 'id' | 'scope' | 'apiKeyId'> & {
  spender: Spender
  /** One when absent. */
  requests?: number
}

/** Something that was set aside. It is either settled or released, once. */
export interface Held {
  /** Budgets that are nearly used up. */
  readonly warnings: readonly string[]
  /** What is left of the budgets. */
  rateLimits(): RateLimit[]
}

/** The books: tokens and money are reserved before a call and settled after it. */
export interface Ledger {
  /**
   * Sets aside what the call of a run may use.
   * @returns what is held in the budgets, and the entry of the books that whoever makes the call records, so that a run that is
   * resumed elsewhere finds it
   * @throws BudgetExceeded
   */
  reserve(planned: Planned): Promise<{ held: Held; entry: Carried }>
  /**
   * Sets aside what a call may use that nobody resumes: the room is taken in the budgets alone, and whoever makes the call
   * records it.
   * @throws BudgetExceeded
   */
  hold(planned: Planned): Promise<Held>
  settle(held: Held, settlement: Settlement): Promise<void>
  /** Settles what was reserved for a run; the books follow with the statement that carries the result. */
  settleAlong(held: Held, settlement: Settlement): Carried[]
  /** Gives back a reservation whose call was never made. */
  release(held: Held): Promise<void>
  /** Settles in full what a dead process left open for a run. */
  settleAbandoned(connection: Connection, runId: string): Promise<void>
}

interface LedgerDependencies {
  database: Database
  quotas: Quotas
}

interface HeldHere extends Held {
  room: TakenRoom
  /** The reservation in the books, where there is one. */
  entryId: string | undefined
  requests: number
}

export function createLedger({ database, quotas }: LedgerDependencies): Ledger {
  const take = (planned: Planned): TakenRoom | Promise<TakenRoom> => quotas.take(planned.spender, wantedBy(planned))
  const hereOf = (held: Held): HeldHere => held as HeldHere
  return {
    async reserve(planned) {
      const room = await take(planned)
      const entry = entryOf(planned)
      return { held: heldHere(room, planned, entry.id), entry: carriedReservation(entry) }
    },
    async hold(planned) {
      const room = await take(planned)
      return heldHere(room, planned)
    },
    async settle(held, settlement) {
      const { room, entryId, requests } = hereOf(held)
      room.settle(usedBy(settlement, requests))
      if (entryId !== undefined) await settleReservation(database.kysely, entryId, settlement)
    },
    settleAlong(held, settlement) {
      const { room, entryId, requests } = hereOf(held)
      room.settle(usedBy(settlement, requests))
      return entryId === undefined ? [] : [carriedSettlement(entryId, settlement)]
    },
    async release(held) {
      const { room, entryId } = hereOf(held)
      room.settle(nothing)
      if (entryId !== undefined) await releaseReservation(database.kysely, entryId)
    },
    settleAbandoned,
  }
}

const heldHere = (room: TakenRoom, { requests = 1 }: Planned, entryId?: string): HeldHere => ({
  warnings: room.warnings,
  rateLimits: () => room.rateLimits(),
  room,
  entryId,
  requests,
})

const entryOf = ({ spender, requests: _requests, ...planned }: Planned): Reservation => ({
  ...planned,
  id: randomUUID(),
  scope: spender.scope,
  apiKeyId: spender.keyId,
})

const wantedBy = ({ requests = 1, tokens, nanoUsd }: Planned): Amounts => ({ requests, tokens, nanoUsd })

const usedBy = ({ usage, cost }: Settlement, requests: number): Amounts => ({
  requests,
  tokens: usage.inputTokens + usage.outputTokens,
  nanoUsd: cost.nanoUsd,
})
