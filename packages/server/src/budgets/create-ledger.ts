import { randomUUID } from 'node:crypto'
import type { Cost, TokenUsage } from '@causeway/contracts'
import type { Connection, Database } from '../database/index.ts'
import { insertReservation, releaseReservation, settleAbandoned, settleReservation, type Reservation } from './store.ts'

/** What a settled call has really used. */
export interface Settlement {
  usage: TokenUsage
  cost: Cost
  priceVersion: string | null
}

/** The books: tokens and money are reserved before a call and settled after it. */
export interface Ledger {
  /** Sets aside what the call may use. @returns the id of the reservation */
  reserve(reservation: Omit<Reservation, 'id'>): Promise<string>
  settle(id: string, settlement: Settlement): Promise<void>
  /** Gives back a reservation whose call was never made. */
  release(id: string): Promise<void>
  /** Settles in full what a dead process left open for a run. */
  settleAbandoned(connection: Connection, runId: string): Promise<void>
}

export function createLedger({ database }: { database: Database }): Ledger {
  return {
    async reserve(reservation) {
      const id = randomUUID()
      await insertReservation(database.kysely, { ...reservation, id })
      return id
    },
    settle: (id, settlement) => settleReservation(database.kysely, id, settlement),
    release: id => releaseReservation(database.kysely, id),
    settleAbandoned,
  }
}
