import * as z from 'zod'
import type { CacheMarker, Citation, InputPart, MediaPart, OutputPart } from '../../content.ts'
import { redactedState, thinkingState } from './thinking.ts'

// Source: https://docs.claude.com/en/api/messages. Blocks are read loosely: new kinds of them appear every few weeks.

const Source = z.looseObject({
  type: z.string(),
  media_type: z.string().nullish(),
  data: z.string().nullish(),
  url: z.string().nullish(),
  file_id: z.string().nullish(),
})

/** A block of a message, as clients send it and as the provider answers. */
export const Block = z.looseObject({
  type: z.string(),
  text: z.string().nullish(),
  thinking: z.string().nullish(),
  signature: z.string().nullish(),
  data: z.string().nullish(),
  id: z.string().nullish(),
  name: z.string().nullish(),
  input: z.unknown().optional(),
  source: Source.nullish(),
  title: z.string().nullish(),
  tool_use_id: z.string().nullish(),
  content: z.unknown().optional(),
  is_error: z.boolean().nullish(),
  citations: z.array(z.looseObject({})).nullish().catch(undefined),
  cache_control: z.looseObject({ ttl: z.string().nullish() }).nullish().catch(undefined),
})
export type Block = z.infer<typeof Block>

/** The content of a message: a text, or blocks. */
export const Content = z.union([z.string().transform((text): Block[] => [{ type: 'text', text }]), z.array(Block)])

export const cacheOf = ({ cache_control: marker }: Pick<Block, 'cache_control'>): { cache?: CacheMarker } =>
  marker ? { cache: marker.ttl === '1h' ? { ttl: '1h' } : {} } : {}

/** What a person or a tool says. */
export function readInputBlock(block: Block): InputPart {
  if (block.type === 'text') return { type: 'text', text: block.text ?? '', ...cacheOf(block) }
  const media = readMedia(block)
  return media ? { ...media, ...cacheOf(block) } : foreign(block)
}

const foreign = (value: Block) => ({ type: 'foreign', dialect: 'anthropic-messages', value }) as const

function readMedia({ type, source, title }: Block): MediaPart | undefined {
  if ((type !== 'image' && type !== 'document') || !source) return undefined
  const media = { type: 'media', media: type, ...(title && { name: title }) } as const
  const mediaType = source.media_type ? { mediaType: source.media_type } : {}
  if (source.type === 'base64' && source.data)
    return { ...media, ...mediaType, source: { type: 'base64', data: source.data } }
  if (source.type === 'url' && source.url) return { ...media, source: { type: 'url', url: source.url } }
  if (source.type === 'file' && source.file_id) return { ...media, source: { type: 'file', id: source.file_id } }
  // A document may be given as plain text.
  if (source.type === 'text' && typeof source.data === 'string')
    return {
      ...media,
      mediaType: 'text/plain',
      source: { type: 'base64', data: Buffer.from(source.data, 'utf8').toString('base64') },
    }
  return undefined
}

/** What a model says. */
export function readOutputBlock(block: Block): OutputPart {
  switch (block.type) {
    case 'text': {
      const citations = (block.citations ?? []).map(readCitation)
      return { type: 'text', text: block.text ?? '', ...cacheOf(block), ...(citations.length > 0 && { citations }) }
    }
    case 'thinking': {
      const text = block.thinking ?? ''
      return { type: 'reasoning', text, ...(block.signature && { state: thinkingState(block.signature) }) }
    }
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', state: redactedState(block.data ?? '') }
    case 'tool_use':
      return { type: 'tool-call', callId: block.id ?? '', tool: block.name ?? '', arguments: argumentsOf(block.input) }
    default:
      return foreign(block)
  }
}

const argumentsOf = (input: unknown): Record<string, unknown> =>
  typeof input === 'object' && input !== null && !Array.isArray(input) ? { ...input } : {}

export const readCitation = (value: Record<string, unknown>): Citation => ({
  dialect: 'anthropic-messages',
  ...(typeof value['title'] === 'string' && { title: value['title'] }),
  ...(typeof value['document_title'] === 'string' && { title: value['document_title'] }),
  ...(typeof value['url'] === 'string' && { url: value['url'] }),
  ...(typeof value['cited_text'] === 'string' && { citedText: value['cited_text'] }),
  value,
})
