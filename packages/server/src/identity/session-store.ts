import type { Connection } from '../database/index.ts'

interface NewSession {
  hash: string
  keyId: string
  expiresAt: Date
}

/** Keeps a session of the console, and clears away those of the same key that have run out. */
export async function insertSession(
  connection: Connection,
  { hash, keyId, expiresAt }: NewSession,
  now: Date,
): Promise<void> {
  await connection
    .deleteFrom('console_sessions')
    .where('api_key_id', '=', keyId)
    .where('expires_at', '<=', now)
    .execute()
  await connection.insertInto('console_sessions').values({ hash, api_key_id: keyId, expires_at: expiresAt }).execute()
}

/** @returns whether there was such a session */
export async function deleteSession(connection: Connection, hash: string): Promise<boolean> {
  const result = await connection.deleteFrom('console_sessions').where('hash', '=', hash).executeTakeFirst()
  return result.numDeletedRows > 0n
}
