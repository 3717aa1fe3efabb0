import type { RequestedToolCall } from '@causeway/contracts'
import type { DialectName } from './dialects/dialect-name.ts'

// What the messages of a conversation and the answers of a model are made of, in the form that every dialect is
// translated to and from. What only one dialect has travels as it is and is handed to that dialect alone.

/** State of a provider that only it can read (a signature, encrypted reasoning) and that has to come back unchanged. */
export interface OpaqueState {
  dialect: DialectName
  value: string
}

/** The prompt up to here may be kept by the provider, for five minutes when no time is given. */
export interface CacheMarker {
  ttl?: '5m' | '1h'
}

/** What a piece of text is based on. `value` is the citation as the dialect wrote it. */
export interface Citation {
  dialect: DialectName
  title?: string
  url?: string
  citedText?: string
  value: unknown
}

export interface TextPart {
  type: 'text'
  text: string
  cache?: CacheMarker
  citations?: Citation[]
  state?: OpaqueState
}

export type MediaSource =
  | { type: 'base64'; data: string }
  | { type: 'url'; url: string }
  /** A file that was uploaded to the provider before. */
  | { type: 'file'; id: string }

export interface MediaPart {
  type: 'media'
  media: 'image' | 'audio' | 'video' | 'document'
  /** RFC 6838, such as image/png; absent where the dialect does not say. */
  mediaType?: string
  source: MediaSource
  name?: string
  /** How closely an image is to be looked at: `low`, `high`, `auto` … */
  detail?: string
  cache?: CacheMarker
  state?: OpaqueState
}

/** What a model thought before it answered. The text may be empty when the provider keeps it to itself. */
export interface ReasoningPart {
  type: 'reasoning'
  text: string
  id?: string
  state?: OpaqueState
}

export interface ToolCallPart extends RequestedToolCall {
  type: 'tool-call'
  state?: OpaqueState
}

/** The model's own words why it does not answer. */
export interface RefusalPart {
  type: 'refusal'
  text: string
}

/** A part that only one dialect has, such as a search that the provider itself has run. */
export interface ForeignPart {
  type: 'foreign'
  dialect: DialectName
  value: unknown
}

/** What a person or a tool can say. */
export type InputPart = TextPart | MediaPart | ForeignPart

/** What a model can say, in its order. */
export type OutputPart = TextPart | MediaPart | ReasoningPart | ToolCallPart | RefusalPart | ForeignPart

/** The text of the parts that are text, joined. */
export const textOf = (parts: readonly (InputPart | OutputPart)[]): string =>
  parts.map(part => (part.type === 'text' ? part.text : '')).join('')

export const toolCallsOf = (parts: readonly OutputPart[]): ToolCallPart[] =>
  parts.filter(part => part.type === 'tool-call')
