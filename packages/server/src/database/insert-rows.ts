import { sql, type RawBuilder, type Selectable } from 'kysely'
import type { Connection } from './database.ts'
import type { Tables } from './tables.ts'

/** From so many rows on it pays to look for what they have in common. */
const manyRows = 32

/**
 * Inserts many rows at once; those whose key is there already stay as they are.
 * They travel as one parameter, which costs the client and the server half of what a parameter for each value does. What is the
 * same in all of many rows is told once: that is most of the columns of records, and to read a column costs as much as to write it.
 */
export async function insertRows<Table extends keyof Tables>(
  connection: Connection,
  table: Table,
  rows: readonly Selectable<Tables[Table]>[],
): Promise<void> {
  const [first] = rows
  if (!first) return
  const names = Object.keys(first)
  const alike = rows.length < manyRows ? [] : names.filter(name => isSameIn(rows, name))
  // Rows that are the same in everything are so few that it does not matter.
  const shared = alike.length < names.length ? alike : []
  const own = names.filter(name => !shared.includes(name))
  const [given, common] = [own, shared].map(each => sql.join(each.map(name => sql.ref(name))))
  const insert = sql`insert into ${sql.table(table)} (${sql.join([...own, ...shared].map(name => sql.ref(name)))})`
  const source =
    shared.length === 0
      ? sql`select ${given} from json_populate_recordset(null::${sql.table(table)}, ${asJson(rows)})`
      : sql`select given.*, common.* from (select ${given} from json_to_recordset(${asJson(rows.map(row => pick(row, own)))})
          as given (${typed(own, await typesOf(connection, table))})) as given
        cross join (select ${common} from json_populate_record(null::${sql.table(table)}, ${asJson(pick(first, shared))})) as common`
  await sql`${insert} ${source} on conflict do nothing`.execute(connection)
}

const asJson = (value: object): RawBuilder<unknown> => sql`${storable(JSON.stringify(value))}::json`

type Row = Readonly<Record<string, unknown>>

const pick = (row: object, names: readonly string[]): Row => {
  const picked: Record<string, unknown> = {}
  for (const name of names) picked[name] = (row as Row)[name]
  return picked
}

function isSameIn(rows: readonly object[], name: string): boolean {
  const value = (rows[0] as Row)[name]
  const text = typeof value === 'object' ? JSON.stringify(value) : undefined
  return rows.every(row => {
    const other = (row as Row)[name]
    return other === value || (text !== undefined && typeof other === 'object' && JSON.stringify(other) === text)
  })
}

const typed = (names: readonly string[], types: ReadonlyMap<string, string>): RawBuilder<unknown> =>
  sql.join(names.map(name => sql`${sql.ref(name)} ${sql.raw(types.get(name) ?? 'text')}`))

/** Types of the columns of tables, which do not change while the platform runs. */
const known = new Map<string, ReadonlyMap<string, string>>()

async function typesOf(connection: Connection, table: string): Promise<ReadonlyMap<string, string>> {
  const types = known.get(table)
  if (types) return types
  const { rows } = await sql<{ name: string; type: string }>`
    select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped`.execute(connection)
  const found = new Map(rows.map(({ name, type }) => [name, type]))
  known.set(table, found)
  return found
}

/** JSON with � in place of NUL and half surrogates, which the database refuses: what others have written must not cost what it came with. */
export const storable = (json: string): string =>
  json.includes('\\u')
    ? json.replace(/\\(?:u(?:0000|d[89a-f][\da-f]{2})|[^])/gi, escape =>
        /^\\u(?:0000|d)/i.test(escape) ? '�' : escape,
      )
    : json
