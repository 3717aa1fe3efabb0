import type { TokenUsage } from '@causeway/contracts'
import * as z from 'zod'
import { noTokens } from '../token-usage.ts'

const Usage = z.object({
  input_tokens: z.number().int().min(0),
  output_tokens: z.number().int().min(0).default(0),
  input_tokens_details: z
    .object({ cached_tokens: z.number().int().min(0).default(0) })
    .optional()
    .catch(undefined),
})

/** What an answer or the last events of a stream say of the tokens that were used; speech that is billed by its length has none. */
export function useOfMedia(tail: Buffer): TokenUsage | undefined {
  const text = tail.toString('utf8')
  const at = text.lastIndexOf('"usage"')
  const start = text.indexOf('{', at)
  if (at < 0 || start < 0) return undefined
  for (
    let end = text.indexOf('}', start), tries = 0;
    end >= 0 && tries < 8;
    end = text.indexOf('}', end + 1), tries++
  ) {
    const usage = parsed(text.slice(start, end + 1))
    if (!usage) continue
    const { input_tokens: inputTokens, output_tokens: outputTokens, input_tokens_details: details } = usage
    return { ...noTokens, inputTokens, outputTokens, cachedInputTokens: details?.cached_tokens ?? 0 }
  }
  return undefined
}

function parsed(text: string): z.infer<typeof Usage> | undefined {
  try {
    return Usage.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
