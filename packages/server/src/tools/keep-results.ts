import canonicalize from 'canonicalize'
import { LRUCache } from 'lru-cache'
import type { ExecuteTool } from './execute-tool.ts'
import type { ToolCall } from './tool-call.ts'

/** Bytes of all results that a replica keeps, and of one that is worth it. */
const [keptBytes, longestKept] = [64 * 1024 * 1024, 1024 * 1024]

interface Kept {
  /** The result as JSON, so that nobody can change what another is given. */
  text: string
  keptAt: number
}

/**
 * Gives what a tool that only reads has answered to the same call before, for as long as its manifest says. Apart for each environment and what
 * the tool says of itself, and for each user where the tool is told who that is. It is in memory: another replica has its own.
 */
export function keepResults(execute: ExecuteTool, { now = Date.now }: { now?: () => number } = {}): ExecuteTool {
  const results = new LRUCache<string, Kept>({
    maxSize: keptBytes,
    maxEntrySize: longestKept,
    sizeCalculation: ({ text }) => text.length + 200,
    perf: { now },
    ttlResolution: 0,
  })
  return async (call, signal) => {
    const seconds = call.spec.effect === 'read' ? call.spec.cacheSeconds : undefined
    if (seconds === undefined) return execute(call, signal)
    const key = keyOf(call)
    const kept = results.get(key)
    if (kept) {
      const ageSeconds = (now() - kept.keptAt) / 1000
      return { outcome: 'completed', output: JSON.parse(kept.text), attempts: 0, durationMs: 0, ageSeconds }
    }
    const result = await execute(call, signal)
    // What is more than words is seldom asked for twice.
    if (result.outcome === 'completed' && !result.content)
      results.set(key, { text: JSON.stringify(result.output ?? null), keptAt: now() }, { ttl: seconds * 1000 })
    return result
  }
}

function keyOf({ scope, tool, spec, arguments: values, onBehalfOf }: ToolCall): string {
  const { organisationId, environmentId } = scope
  const { implementation } = spec
  const namesUser =
    implementation.type === 'worker' || (implementation.type === 'http' && implementation.auth !== undefined)
  const user = namesUser ? (onBehalfOf?.user ?? null) : null
  return canonicalize({ organisationId, environmentId, tool, spec, values, user }) ?? ''
}
