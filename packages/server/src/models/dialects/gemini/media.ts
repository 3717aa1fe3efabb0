import type { MediaPart } from '../../content.ts'
import type { WireBlob, WireFileData } from './wire.ts'

const kinds = ['image', 'audio', 'video'] as const

const mediaOf = (mediaType: string | null | undefined): MediaPart['media'] =>
  kinds.find(kind => mediaType?.startsWith(`${kind}/`)) ?? 'document'

/** Some clients write the alphabet of URLs, which other dialects refuse. */
const plainBase64 = (data: string): string =>
  /[-_]/.test(data) ? data.replaceAll('-', '+').replaceAll('_', '/') : data

/** Bytes inside a message. */
export const readInlineData = ({ mimeType, data, displayName }: WireBlob): MediaPart => ({
  type: 'media',
  media: mediaOf(mimeType),
  ...(mimeType && { mediaType: mimeType }),
  source: { type: 'base64', data: plainBase64(data) },
  ...(displayName && { name: displayName }),
})

/** Whether an address names a file that only Google can read. */
const isUploaded = (uri: string): boolean =>
  /^(gs:\/\/|files\/)/.test(uri) || /^https:\/\/generativelanguage\.googleapis\.com\/[^/]+\/files\//.test(uri)

export const readFileData = ({ mimeType, fileUri, displayName }: WireFileData): MediaPart => ({
  type: 'media',
  // Videos of YouTube may come without a type.
  media: mimeType ? mediaOf(mimeType) : mediaOf(typeByEnding(fileUri) ?? 'video/mp4'),
  ...(mimeType && { mediaType: mimeType }),
  source: isUploaded(fileUri) ? { type: 'file', id: fileUri } : { type: 'url', url: fileUri },
  ...(displayName && { name: displayName }),
})

const usualType = { image: 'image/png', audio: 'audio/wav', video: 'video/mp4', document: 'application/pdf' }

const typesByEnding: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
}

function typeByEnding(uri: string): string | undefined {
  const ending = /\.([a-z0-9]{2,4})(?:[?#]|$)/i.exec(uri)?.[1]?.toLowerCase()
  return ending !== undefined && Object.hasOwn(typesByEnding, ending) ? typesByEnding[ending] : undefined
}

/** A part of a message, or undefined for a file that was uploaded to another provider. */
export function writeMedia({ media, mediaType, source, name }: MediaPart): Record<string, unknown> | undefined {
  const displayName = name === undefined ? {} : { displayName: name }
  switch (source.type) {
    case 'base64':
      return { inlineData: { mimeType: mediaType ?? usualType[media], data: source.data, ...displayName } }
    case 'url':
      return { fileData: { mimeType: mediaType ?? typeByEnding(source.url) ?? usualType[media], fileUri: source.url } }
    case 'file':
      if (!isUploaded(source.id)) return undefined
      return { fileData: { ...(mediaType && { mimeType: mediaType }), fileUri: source.id } }
  }
}
