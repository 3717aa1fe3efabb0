import { CompiledQuery, sql, type RawBuilder } from 'kysely'
import type { Connection } from './database.ts'

/** A member of the document that a statement is given. */
export const inDocument = (member: string): RawBuilder<unknown> => sql`($1::jsonb -> ${sql.lit(member)})`

/** There are as many as there are forms, which is a matter of the code and not of what is written. */
const texts = new Map<string, string>()

/**
 * Executes a statement that takes all that it is given from one JSON document, its only parameter: its text is built once for each
 * form, which takes as long as the statement itself.
 * @param form tells the texts apart that `build` can give
 * @param build has no values in it but those of `inDocument`
 */
export async function executeWithDocument<Row>(
  connection: Connection,
  form: string,
  build: () => RawBuilder<Row>,
  document: Readonly<Record<string, readonly object[]>>,
): Promise<Row[]> {
  const text = texts.get(form) ?? textOf(connection, form, build())
  const { rows } = await connection.executeQuery<Row>(CompiledQuery.raw(text, [JSON.stringify(document)]))
  return rows
}

function textOf(connection: Connection, form: string, statement: RawBuilder<unknown>): string {
  const { sql: text, parameters } = statement.compile(connection)
  if (parameters.length > 0) throw new Error(`the statement "${form}" has values beside its document`)
  texts.set(form, text)
  return text
}
