import type { ColumnType, JSONColumnType } from 'kysely'

/** Who owns a row: every row that belongs to an environment carries both. */
export interface Owned {
  organisation_id: string
  environment_id: string
}

/** When a row was made, unless told. */
export type Now = ColumnType<Date, Date | undefined, Date>
/** JSON, which is written as text. */
export type Json<Value extends object> = JSONColumnType<Value>
