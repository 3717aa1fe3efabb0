import type { ModelCapability } from '@causeway/contracts'
import type { MediaPart } from '../content.ts'
import type { ModelRequest } from '../model-request.ts'

const ofMedia: Readonly<Record<MediaPart['media'], ModelCapability>> = {
  image: 'images',
  video: 'images',
  audio: 'audio',
  document: 'documents',
}

/** What a model must be able to do to answer a request. */
export function needsOf({ messages, tools, foreignTools, output, reasoning }: ModelRequest): Set<ModelCapability> {
  const needs = new Set<ModelCapability>()
  if (tools.length > 0 || foreignTools) needs.add('tools')
  if (output?.type === 'json-schema') needs.add('json-schema')
  if (reasoning && reasoning.effort !== 'none') needs.add('reasoning')
  for (const { content } of messages)
    for (const part of content) if (part.type === 'media') needs.add(ofMedia[part.media])
  return needs
}
