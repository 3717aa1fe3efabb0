import { createHash } from 'node:crypto'
import type { Caller } from '../../identity/index.ts'
import type { RequestAddress } from '../dialects/dialect.ts'
import type { CallGuard } from '../guarding/call-guard.ts'
import type { ResolvedRoute } from '../routing/resolve-route.ts'
import { cacheScope } from './cache-key.ts'
import type { GenerateCall } from './generate-call.ts'

/** A question whose answer may be that of another one which means the same. */
export interface SemanticQuestion {
  text: string
  /** Questions are compared only within the same: caller, route, policies, settings and all that was said before. */
  partition: string
}

/** Characters. What is longer is not asked twice in other words. */
const longestText = 8000

/** The last words of a request, where all else in it is text and the model has no tools; undefined for others. */
export function semanticQuestion(
  caller: Caller,
  guard: Pick<CallGuard, 'version'>,
  route: ResolvedRoute,
  call: GenerateCall,
  address: RequestAddress,
): SemanticQuestion | undefined {
  const { messages, tools, foreignTools = [], ...settings } = call.request()
  const before = messages.slice(0, -1)
  const last = messages.at(-1)
  if (last?.role !== 'user' || tools.length + foreignTools.length > 0) return undefined
  if (messages.some(({ role, content }) => role === 'tool' || content.some(({ type }) => type !== 'text')))
    return undefined
  const text = last.content.map(part => (part.type === 'text' ? part.text : '')).join('\n')
  if (text.trim() === '' || text.length > longestText) return undefined
  const partition = createHash('sha256')
    .update(JSON.stringify([...cacheScope(caller, guard, route, call, address), call.head.stream, settings, before]))
    .digest('base64')
  return { text, partition }
}
