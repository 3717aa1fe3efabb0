import type { RawBuilder } from 'kysely'

/**
 * A statement that another domain's statement carries along as a named part of its WITH clause, so that both happen or neither, in
 * one round trip. It reads from `owned`, which has one row, or none when nothing is to happen.
 */
export interface Carried {
  readonly name: string
  readonly statement: RawBuilder<unknown>
}
