import { createHash } from 'node:crypto'
import type { ExternalDetector } from '@causeway/contracts'
import { LRUCache } from 'lru-cache'
import type { Scope } from '../../database/index.ts'
import { askDetector, type AskDetectorDependencies } from './ask-detector.ts'

/** Texts that a detector is asked about at once. */
const textsAtMost = 1000
/** Characters of them. */
const charactersAtMost = 1_000_000
/** Characters of pieces, and texts in which nothing was found, that are remembered. */
const rememberedAtMost = 4_000_000
/** An answer counts so long; a detector learns. */
const rememberedMs = 10 * 60_000

/** Detectors on servers of their own. Remembers what they said, since a conversation is sent anew with each of its messages. */
export interface Detectors {
  /**
   * For each text the pieces of it that were found.
   * @throws RangeError for more text than a detector is asked about, and what `askDetector` throws
   */
  ask(
    scope: Scope,
    detector: ExternalDetector,
    texts: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>>
}

export function createDetectors(dependencies: AskDetectorDependencies): Detectors {
  const remembered = new LRUCache<string, readonly string[]>({
    maxSize: rememberedAtMost,
    sizeCalculation: pieces => pieces.reduce((sum, { length }) => sum + length, 100),
    ttl: rememberedMs,
  })
  return {
    async ask(scope, detector, texts) {
      const asked = createHash('sha256').update(`${scope.environmentId}\n${JSON.stringify(detector)}\n`)
      const keyOf = (text: string): string => asked.copy().update(text).digest('base64')
      const found = new Map(texts.map(text => [text, remembered.get(keyOf(text))]))
      const open = texts.filter(text => !found.get(text))
      const characters = open.reduce((sum, { length }) => sum + length, 0)
      if (open.length > textsAtMost || characters > charactersAtMost)
        throw new RangeError(
          `${open.length} texts of ${characters} characters are more than a detector is asked about (${textsAtMost}, ${charactersAtMost})`,
        )
      if (open.length > 0) {
        const answers = await askDetector(dependencies, scope, detector, open)
        for (const [index, text] of open.entries()) {
          const pieces = answers[index] ?? []
          found.set(text, pieces)
          remembered.set(keyOf(text), pieces)
        }
      }
      return new Map([...found].map(([text, pieces]) => [text, pieces ?? []]))
    },
  }
}
