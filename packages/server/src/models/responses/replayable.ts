import { isRecord } from '../dialects/head-members.ts'

/**
 * An item of an earlier answer as part of the input of a later one, or undefined for one that cannot be. Another
 * provider than the one that made an item may get it, which knows nothing of its id; so thoughts go along only in a
 * form that holds all of them.
 * @param sameRoute whether the later request calls the model by the same name, so that its own open thoughts are of use.
 */
export function replayable(item: unknown, sameRoute: boolean): unknown {
  if (!isRecord(item)) return undefined
  switch (item['type']) {
    case 'message': {
      const { id: _id, status: _status, content, ...rest } = item
      return { ...rest, content: Array.isArray(content) ? content.map(withoutLogprobs) : content }
    }
    case 'function_call':
    case 'custom_tool_call': {
      const { id: _id, status: _status, ...rest } = item
      return rest
    }
    case 'reasoning': {
      const { status: _status, ...rest } = item
      if (typeof item['encrypted_content'] === 'string' && item['encrypted_content']) return rest
      const { id: _id, encrypted_content: _none, ...open } = rest
      return sameRoute && Array.isArray(item['content']) && item['content'].length > 0 ? open : undefined
    }
    default:
      return item
  }
}

function withoutLogprobs(part: unknown): unknown {
  if (!isRecord(part)) return part
  const { logprobs: _logprobs, ...rest } = part
  return rest
}
