import type { MediaPart, MediaSource } from '../../content.ts'
import type { WireMedia } from './wire.ts'

type Media = MediaPart['media']

// Converse names formats by the ends of file names. Where several types have one format, the first is its usual name.
const typesOf: Readonly<Record<Media, Readonly<Record<string, readonly string[]>>>> = {
  image: { png: ['image/png'], jpeg: ['image/jpeg', 'image/jpg'], gif: ['image/gif'], webp: ['image/webp'] },
  document: {
    pdf: ['application/pdf'],
    csv: ['text/csv'],
    doc: ['application/msword'],
    docx: ['application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    xls: ['application/vnd.ms-excel'],
    xlsx: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    html: ['text/html'],
    txt: ['text/plain'],
    md: ['text/markdown', 'text/x-markdown'],
  },
  video: {
    mp4: ['video/mp4'],
    mov: ['video/quicktime'],
    mkv: ['video/x-matroska', 'video/matroska'],
    webm: ['video/webm'],
    flv: ['video/x-flv'],
    mpeg: ['video/mpeg'],
    wmv: ['video/x-ms-wmv'],
    three_gp: ['video/3gpp'],
  },
  audio: {
    mp3: ['audio/mpeg', 'audio/mp3'],
    wav: ['audio/wav', 'audio/x-wav', 'audio/wave'],
    ogg: ['audio/ogg'],
    opus: ['audio/opus'],
    aac: ['audio/aac'],
    flac: ['audio/flac', 'audio/x-flac'],
    m4a: ['audio/mp4', 'audio/m4a', 'audio/x-m4a'],
    webm: ['audio/webm'],
    pcm: ['audio/pcm', 'audio/l16'],
  },
}
const usualFormat: Readonly<Record<Media, string>> = { image: 'png', document: 'pdf', video: 'mp4', audio: 'wav' }

function formatOf({ media, mediaType }: MediaPart): string | undefined {
  if (!mediaType) return usualFormat[media]
  const plain = mediaType.split(';')[0]?.trim().toLowerCase() ?? ''
  return Object.entries(typesOf[media]).find(([, types]) => types.includes(plain))?.[0]
}

/**
 * A block for a picture, a document and so on, or a sentence that says why there is none.
 * @param name of a document; Bedrock refuses two with the same name
 */
export function writeMedia(part: MediaPart, name: string): Record<string, unknown> | string {
  const format = formatOf(part)
  if (format === undefined) return `this provider takes no ${part.media} of the type ${part.mediaType ?? ''}`
  const source = writeSource(part.source)
  if (!source) return `this provider takes a ${part.media} as base64 data or from s3:// only`
  return { [part.media]: { format, ...(part.media === 'document' && { name }), source } }
}

function writeSource(source: MediaSource): Record<string, unknown> | undefined {
  if (source.type === 'base64') return { bytes: source.data }
  if (source.type === 'url' && source.url.startsWith('s3://')) return { s3Location: { uri: source.url } }
  return undefined
}

/** A picture and the like in an answer; undefined when there is nothing in it. */
export function readMedia(media: Media, { format, name, source }: WireMedia): MediaPart | undefined {
  const [mediaType] = typesOf[media][format ?? ''] ?? []
  const from = readSource(source)
  return from && { type: 'media', media, ...(mediaType && { mediaType }), source: from, ...(name && { name }) }
}

function readSource(source: WireMedia['source']): MediaSource | undefined {
  if (source?.bytes) return { type: 'base64', data: source.bytes }
  return source?.s3Location?.uri ? { type: 'url', url: source.s3Location.uri } : undefined
}
