import { sql, type RawBuilder } from 'kysely'

/**
 * Parts of a WITH clause that write rows of another domain, so that they are written with the statement that carries them or not at all,
 * in one round trip. `given` is a JSON array of the rows, each with the `place` of what it belongs to; `owned` has the places that
 * happen.
 */
export type CarriedWrite = (given: RawBuilder<unknown>, rows: { length: number }) => readonly CarriedPart[]

interface CarriedPart {
  readonly name: string
  readonly statement: RawBuilder<unknown>
}

/** A row that a statement of another domain carries along. */
export interface Carried {
  readonly write: CarriedWrite
  readonly row: Readonly<Record<string, unknown>>
}

/** What a statement carries for each of its places, to be put at the end of its WITH clause. */
export function carryAlong(places: readonly (readonly Carried[])[]): RawBuilder<unknown> {
  const placed = places.flatMap((carried, place) =>
    carried.map(({ write, row }) => ({ write, row: { place, ...row } })),
  )
  const parts = [...Map.groupBy(placed, ({ write }) => write)].flatMap(([write, rows]) =>
    write(sql`${JSON.stringify(rows.map(({ row }) => row))}::jsonb`, rows),
  )
  return sql.join(
    parts.map(({ name, statement }) => sql`, ${sql.id(name)} as (${statement})`),
    sql``,
  )
}
