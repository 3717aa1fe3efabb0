import { CausewayError } from '@causeway/contracts'
import * as z from 'zod'
import type { InputPart, MediaPart } from '../../content.ts'

// Source: https://platform.openai.com/docs/api-reference/responses/create (input)

/** A part of a message or of the result of a tool, as clients send it. What is not known here stays as it is. */
const RequestPart = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  refusal: z.string().optional(),
  image_url: z.union([z.string(), z.looseObject({ url: z.string() }).transform(({ url }) => url)]).nullish(),
  file_id: z.string().nullish(),
  file_url: z.string().nullish(),
  file_data: z.string().nullish(),
  filename: z.string().nullish(),
  detail: z.string().nullish(),
  input_audio: z.looseObject({ data: z.string(), format: z.string().nullish() }).nullish(),
})
export type RequestPart = z.infer<typeof RequestPart>

export const RequestContent = z.union([z.string(), z.array(RequestPart)])
export type RequestContent = z.infer<typeof RequestContent>

/** The parts of a message that a person or a tool wrote. */
export function readContent(content: RequestContent | null | undefined): InputPart[] {
  if (typeof content === 'string') return content ? [{ type: 'text', text: content }] : []
  return (content ?? []).map(readPart)
}

function readPart(part: RequestPart): InputPart {
  if (part.text !== undefined && /^(input_|output_)?text$/.test(part.type)) return { type: 'text', text: part.text }
  return readMedia(part) ?? { type: 'foreign', dialect: 'openai-responses', value: part }
}

function readMedia(part: RequestPart): MediaPart | undefined {
  switch (part.type) {
    case 'input_image':
      return readFile('image', part.image_url, part)
    case 'input_file':
      return readFile('document', part.file_data || part.file_url, part)
    case 'input_audio': {
      if (!part.input_audio) return undefined
      const { data, format } = part.input_audio
      const mediaType = format === 'mp3' ? 'audio/mpeg' : `audio/${format ?? 'wav'}`
      return { type: 'media', media: 'audio', mediaType, source: { type: 'base64', data } }
    }
    default:
      return undefined
  }
}

function readFile(
  media: MediaPart['media'],
  address: string | null | undefined,
  { file_id: id, filename, detail }: RequestPart,
): MediaPart | undefined {
  const more = { ...(filename && { name: filename }), ...(detail && { detail }) }
  if (address) {
    const [, mediaType, data] = /^data:([^;,]*)(?:;[^;,]*)*;base64,(.*)$/s.exec(address) ?? []
    if (data !== undefined)
      return { type: 'media', media, ...(mediaType && { mediaType }), source: { type: 'base64', data }, ...more }
    return { type: 'media', media, source: { type: 'url', url: address }, ...more }
  }
  return id ? { type: 'media', media, source: { type: 'file', id }, ...more } : undefined
}

/**
 * The parts of a message as this dialect writes them; a text when there is nothing else.
 * @throws CausewayError invalid-request for a part that it has no words for
 */
export function writeContent(parts: readonly InputPart[]): unknown {
  const [only] = parts
  if (parts.length === 1 && only?.type === 'text') return only.text
  return parts.map(writePart)
}

function writePart(part: InputPart): unknown {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text }
    case 'media':
      return writeMedia(part)
    case 'foreign':
      if (part.dialect === 'openai-responses') return part.value
      throw untakeable('part of another dialect')
  }
}

const usualType = { image: 'image/png', audio: 'audio/wav', document: 'application/pdf' }

function writeMedia({ media, mediaType, source, name, detail }: MediaPart): unknown {
  if (media === 'video') throw untakeable('video')
  const type = mediaType ?? usualType[media]
  const hint = detail ? { detail } : {}
  if (media === 'audio') {
    if (source.type !== 'base64') throw untakeable('address of an audio file')
    const format = type === 'audio/mpeg' ? 'mp3' : type.slice(type.indexOf('/') + 1)
    return { type: 'input_audio', input_audio: { data: source.data, format } }
  }
  const kind = media === 'image' ? 'input_image' : 'input_file'
  if (source.type === 'file') return { type: kind, file_id: source.id, ...hint }
  const address = source.type === 'url' ? source.url : `data:${type};base64,${source.data}`
  if (media === 'image') return { type: kind, image_url: address, ...hint }
  return source.type === 'url'
    ? { type: kind, file_url: address, ...hint }
    : { type: kind, file_data: address, filename: name ?? 'document', ...hint }
}

const untakeable = (what: string): CausewayError =>
  new CausewayError('invalid-request', 'The provider of this model cannot take a part of a message.', {
    problems: [{ pointer: '/messages', message: `this provider takes no ${what}` }],
  })
