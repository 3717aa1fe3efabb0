import { sql, type RawBuilder } from 'kysely'
import { inDocument } from './document-statement.ts'

/**
 * Parts of a WITH clause that write rows of another domain, so that they are written with the statement that carries them or not at all,
 * in one round trip.
 */
export interface CarriedWrite {
  /** The member of the document of the statement that has the rows. */
  readonly name: string
  /**
   * @param given JSON array of the rows, each with the `place` of what it belongs to; `owned` has the places that happen
   * @param several whether there may be more than one row
   */
  parts(given: RawBuilder<unknown>, several: boolean): readonly CarriedPart[]
}

interface CarriedPart {
  readonly name: string
  readonly statement: RawBuilder<unknown>
}

/** A row that a statement of another domain carries along. */
export interface Carried {
  readonly write: CarriedWrite
  readonly row: Readonly<Record<string, unknown>>
}

/** What a statement carries. */
export interface CarriedAlong {
  /** Tells the texts of `parts` apart. */
  form: string
  /** To be put at the end of the WITH clause. */
  parts(): RawBuilder<unknown>
  /** For the document of the statement. */
  rows: Record<string, object[]>
}

/** What a statement carries for each of its places. */
export function carryAlong(places: readonly (readonly Carried[])[]): CarriedAlong {
  const placed = places.flatMap((carried, place) =>
    carried.map(({ write, row }) => ({ write, row: { place, ...row } })),
  )
  const writes = [...Map.groupBy(placed, ({ write }) => write)]
    .map(([write, all]) => ({ write, rows: all.map(({ row }) => row) }))
    .toSorted((one, other) => (one.write.name < other.write.name ? -1 : 1))
  return {
    form: writes.map(({ write: { name }, rows }) => (rows.length > 1 ? `${name}…` : name)).join(' '),
    parts: () =>
      sql.join(
        writes
          .flatMap(({ write, rows }) => write.parts(inDocument(write.name), rows.length > 1))
          .map(({ name, statement }) => sql`, ${sql.id(name)} as (${statement})`),
        sql``,
      ),
    rows: Object.fromEntries(writes.map(({ write: { name }, rows }) => [name, rows])),
  }
}
