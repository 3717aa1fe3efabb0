import { CausewayError } from '@causeway/contracts'
import type { CacheMarker, InputPart, MediaPart, OutputPart } from '../../content.ts'
import type { ModelMessage } from '../../model-request.ts'
import { writeMedia } from './media.ts'
import { isClaudeOrNova, type ModelFamily } from './model-family.ts'
import { reasoningContent } from './reasoning-state.ts'
import { toolUseId } from './tool-use-id.ts'

type Block = Record<string, unknown>

interface Turn {
  role: 'user' | 'assistant'
  content: Block[]
}

export interface WrittenMessages {
  system: Block[]
  messages: Turn[]
  dropped: string[]
}

/** The conversation as turns that alternate: the results of parallel tool calls stand together in one turn of the user. */
export function writeMessages(messages: readonly ModelMessage[], family: ModelFamily): WrittenMessages {
  const writer = createBlockWriter(family)
  const system: Block[] = []
  const turns: Turn[] = []
  for (const message of messages) {
    if (message.role === 'system') {
      system.push(...message.content.flatMap(writer.input))
      continue
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const content = writer.message(message)
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...content)
    else if (content.length > 0) turns.push({ role, content })
  }
  return { system, messages: turns, dropped: [...writer.dropped] }
}

function createBlockWriter(family: ModelFamily) {
  const dropped = new Set<string>()
  const names = new Set<string>()

  const cachePoint = (cache: CacheMarker | undefined): Block[] => {
    if (cache && isClaudeOrNova(family)) return [cachePointOf(cache)]
    if (cache) dropped.add('cache_control')
    return []
  }
  const media = (part: MediaPart): Block => {
    const written = writeMedia(part, part.media === 'document' ? documentName(part.name, names) : '')
    if (typeof written !== 'string') return written
    throw refused(written)
  }
  const input = (part: InputPart): Block[] => {
    switch (part.type) {
      case 'text':
        return [...text(part.text), ...cachePoint(part.cache)]
      case 'media':
        return [media(part), ...cachePoint(part.cache)]
      case 'foreign':
        if (part.dialect !== 'bedrock-converse') throw refused('this provider takes no part of this kind')
        return [part.value as Block]
    }
  }
  const output = (part: OutputPart): Block[] => {
    switch (part.type) {
      case 'text':
        return [...text(part.text), ...cachePoint(part.cache)]
      case 'refusal':
        return text(part.text)
      case 'media':
        return [media(part)]
      case 'reasoning': {
        const content = reasoningContent(part.text, part.state)
        return content ? [{ reasoningContent: content }] : []
      }
      case 'tool-call': {
        const { callId, tool, arguments: given } = part
        // Converse takes objects only, and what a model wrote that is none should still be seen.
        const value = typeof given === 'string' ? { text: given } : given
        return [{ toolUse: { toolUseId: toolUseId(callId, family), name: tool, input: value } }]
      }
      case 'foreign':
        if (part.dialect === 'bedrock-converse') return [part.value as Block]
        dropped.add('messages')
        return []
    }
  }
  const result = ({ callId, content, failed }: ModelMessage & { role: 'tool' }): Block[] => {
    const blocks = content.flatMap(input)
    const points = blocks.filter(block => 'cachePoint' in block)
    const said = blocks.filter(block => !('cachePoint' in block))
    return [
      {
        toolResult: {
          toolUseId: toolUseId(callId, family),
          // An empty result is refused.
          content: said.length > 0 ? said : [{ text: '(empty)' }],
          ...(failed && isClaudeOrNova(family) && { status: 'error' }),
        },
      },
      ...points,
    ]
  }
  return {
    dropped,
    input,
    message(message: Exclude<ModelMessage, { role: 'system' }>): Block[] {
      switch (message.role) {
        case 'user':
          return message.content.flatMap(input)
        case 'assistant':
          return message.content.flatMap(output)
        case 'tool':
          return result(message)
      }
    },
  }
}

export const cachePointOf = ({ ttl }: CacheMarker): Block => ({
  cachePoint: { type: 'default', ...(ttl === '1h' && { ttl }) },
})

/** Blank texts are refused. */
const text = (value: string): Block[] => (value.trim() ? [{ text: value }] : [])

/** Letters, digits, single spaces, hyphens and brackets are allowed, and no name twice. */
function documentName(given: string | undefined, taken: Set<string>): string {
  const plain =
    (given ?? '')
      .slice(0, 150)
      .replaceAll(/[^a-zA-Z0-9\-()[\]]+/g, ' ')
      .trim() || 'Document'
  let name = plain
  for (let number = 2; taken.has(name); number++) name = `${plain} ${number}`
  taken.add(name)
  return name
}

const refused = (message: string): CausewayError =>
  new CausewayError('invalid-request', 'The provider of this model cannot take a part of a message.', {
    problems: [{ pointer: '/messages', message }],
  })
