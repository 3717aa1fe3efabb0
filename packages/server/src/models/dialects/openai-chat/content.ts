import * as z from 'zod'
import type { InputPart, MediaPart } from '../../content.ts'

// Source: https://platform.openai.com/docs/api-reference/chat/create (content parts); video_url and document_url are
// those of vLLM and Mistral.
const Url = z.union([z.string(), z.looseObject({ url: z.string(), detail: z.string().nullish() })])

/** A part of a message as clients send it. What is not known here stays as it is. */
export const RequestPart = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  refusal: z.string().nullish(),
  image_url: Url.optional(),
  video_url: Url.optional(),
  document_url: Url.optional(),
  input_audio: z.looseObject({ data: z.string(), format: z.string().nullish() }).optional(),
  file: z
    .looseObject({
      file_data: z.string().nullish(),
      file_id: z.string().nullish(),
      filename: z.string().nullish(),
    })
    .optional(),
  /** Anthropic's marker, which OpenRouter and others take here too. */
  cache_control: z.looseObject({ type: z.string(), ttl: z.string().nullish() }).nullish(),
})
type RequestPart = z.infer<typeof RequestPart>

export const RequestContent = z.union([z.string(), z.array(RequestPart)])
export type RequestContent = z.infer<typeof RequestContent>

/** The parts of a message that a person or a tool wrote. */
export function readContent(content: RequestContent | null | undefined): InputPart[] {
  if (typeof content === 'string') return content ? [{ type: 'text', text: content }] : []
  return (content ?? []).map(readPart)
}

function readPart(part: RequestPart): InputPart {
  const { cache_control: marker } = part
  const cache = marker && { cache: marker.ttl === '1h' ? ({ ttl: '1h' } as const) : {} }
  if (part.type === 'text' && part.text !== undefined) return { type: 'text', text: part.text, ...cache }
  const media = readMedia(part)
  return media ? { ...media, ...cache } : { type: 'foreign', dialect: 'openai-chat', value: part }
}

function readMedia({ image_url, video_url, document_url, input_audio, file }: RequestPart): MediaPart | undefined {
  if (image_url) return fromUrl('image', image_url)
  if (video_url) return fromUrl('video', video_url)
  if (document_url) return fromUrl('document', document_url)
  if (input_audio) {
    const { data, format } = input_audio
    const mediaType = format === 'mp3' ? 'audio/mpeg' : `audio/${format ?? 'wav'}`
    return { type: 'media', media: 'audio', mediaType, source: { type: 'base64', data } }
  }
  if (!file) return undefined
  const name = file.filename ? { name: file.filename } : {}
  if (file.file_data) return { ...fromUrl('document', file.file_data), ...name }
  if (file.file_id) return { type: 'media', media: 'document', source: { type: 'file', id: file.file_id }, ...name }
  return undefined
}

function fromUrl(media: MediaPart['media'], given: z.infer<typeof Url>): MediaPart {
  const { url, detail } = typeof given === 'string' ? { url: given, detail: undefined } : given
  const hint = detail ? { detail } : {}
  const [, mediaType, data] = /^data:([^;,]*)(?:;[^;,]*)*;base64,(.*)$/s.exec(url) ?? []
  if (data === undefined) return { type: 'media', media, source: { type: 'url', url }, ...hint }
  return { type: 'media', media, ...(mediaType && { mediaType }), source: { type: 'base64', data }, ...hint }
}

/** The parts as this dialect writes them, or undefined for one that it has no words for. */
export function writePart(part: InputPart): Record<string, unknown> | undefined {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'media':
      return writeMedia(part)
    case 'foreign':
      return part.dialect === 'openai-chat' ? (part.value as Record<string, unknown>) : undefined
  }
}

const usualType = { image: 'image/png', audio: 'audio/wav', video: 'video/mp4', document: 'application/pdf' }

function writeMedia({ media, mediaType, source, name, detail }: MediaPart): Record<string, unknown> | undefined {
  if (source.type === 'file') return { type: 'file', file: { file_id: source.id } }
  const type = mediaType ?? usualType[media]
  const url = source.type === 'url' ? source.url : `data:${type};base64,${source.data}`
  switch (media) {
    case 'image':
      return { type: 'image_url', image_url: { url, ...(detail && { detail }) } }
    case 'video':
      return { type: 'video_url', video_url: { url } }
    case 'audio': {
      if (source.type !== 'base64') return undefined
      const format = type === 'audio/mpeg' ? 'mp3' : type.slice(type.indexOf('/') + 1)
      return { type: 'input_audio', input_audio: { data: source.data, format } }
    }
    case 'document':
      if (source.type === 'url') return undefined
      return { type: 'file', file: { file_data: url, filename: name ?? 'document' } }
  }
}
