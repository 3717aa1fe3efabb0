import * as z from 'zod'
import { SecretStoreError } from '../secret-store.ts'

const Members = z.record(z.string(), z.unknown())

/** A member of a map as text; undefined where there is none of that name. */
export function memberOf(map: Record<string, unknown>, field: string): string | undefined {
  const value = Object.hasOwn(map, field) ? map[field] : undefined
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The text of a secret, or a member of it where one is named. @throws SecretStoreError where the text is no map */
export function valueIn(text: string, field: string | undefined): string | undefined {
  if (field === undefined) return text
  let map: unknown
  try {
    map = JSON.parse(text)
  } catch {
    map = undefined
  }
  const members = Members.safeParse(map)
  if (members.success) return memberOf(members.data, field)
  throw new SecretStoreError(
    `It is no JSON object, so that it has no field "${field}". Leave #${field} out of the handle.`,
  )
}
