import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { AttachmentType, NewAttachment } from '@causeway/contracts'
import { CommandError } from './command-error.ts'

const types: Readonly<Record<string, AttachmentType>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.pdf': 'application/pdf',
  '.wav': 'audio/wav',
  '.mp3': 'audio/mpeg',
  '.txt': 'text/plain',
  '.md': 'text/markdown',
  '.csv': 'text/csv',
  '.json': 'application/json',
}

/** Files as an agent is handed them; what they are stands in their names. @throws CommandError */
export const readAttachments = (paths: readonly string[]): Promise<NewAttachment[]> =>
  Promise.all(
    paths.map(async path => {
      const mediaType = types[extname(path).toLowerCase()]
      if (!mediaType) throw new CommandError(`${path} is none of ${Object.keys(types).join(', ')}.`)
      const content = await readFile(path).catch((error: unknown) => {
        throw new CommandError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
      })
      return { name: basename(path), mediaType, data: content.toString('base64') }
    }),
  )
