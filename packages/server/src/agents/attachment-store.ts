import type { Attachment, NewAttachment } from '@causeway/contracts'
import { inScope, ownedBy, type Connection, type Scope } from '../database/index.ts'

/** The bytes of an attachment, in base64, with what they are. */
export type StoredAttachment = Pick<Attachment, 'id' | 'name' | 'mediaType'> & { data: string }

/** Keeps files that a user hands over with a run of a session. */
export async function insertAttachments(
  connection: Connection,
  scope: Scope,
  sessionId: string,
  files: readonly (NewAttachment & { id: string })[],
): Promise<void> {
  if (files.length === 0) return
  await connection
    .insertInto('attachments')
    .values(
      files.map(({ id, name, mediaType, data }) => ({
        ...ownedBy(scope),
        id,
        session_id: sessionId,
        name,
        media_type: mediaType,
        data,
      })),
    )
    .execute()
}

/** Attachments by their ids. Those that were erased are missing. */
export async function findAttachments(
  connection: Connection,
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredAttachment>> {
  if (ids.length === 0) return new Map()
  const rows = await connection
    .selectFrom('attachments')
    .select(['id', 'name', 'media_type', 'data'])
    .where(inScope(scope))
    .where('id', 'in', ids)
    .execute()
  return new Map(rows.map(({ id, name, media_type: mediaType, data }) => [id, { id, name, mediaType, data }]))
}
