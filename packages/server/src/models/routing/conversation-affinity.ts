import { LRUCache } from 'lru-cache'

/** Where conversations were answered of late, so that they find the prompt cache of their provider warm. */
export interface ConversationAffinity {
  targetOf(conversation: string): string | undefined
  remember(conversation: string, target: string): void
}

/** How long providers keep a prompt that is not used again, in milliseconds. Source: https://docs.claude.com/en/docs/build-with-claude/prompt-caching */
const warmMs = 5 * 60_000
const rememberedConversations = 50_000

export function createConversationAffinity(now: () => number): ConversationAffinity {
  const targets = new LRUCache<string, string>({
    max: rememberedConversations,
    ttl: warmMs,
    perf: { now },
    ttlResolution: 0,
  })
  return {
    targetOf: conversation => targets.get(conversation),
    remember: (conversation, target) => void targets.set(conversation, target),
  }
}
