import { CausewayError, type TokenUsage } from '@causeway/contracts'
import * as z from 'zod'
import { parseBody } from '../../dialects/parse-body.ts'
import { ProviderFailure } from '../../provider-failure.ts'
import { estimateTokens } from '../../token-estimate.ts'
import { noTokens } from '../../token-usage.ts'
import type { OperationAnswer } from '../operation-dialect.ts'

/** Texts of one request of a client, and requests to the provider at the same time. */
const [textsAtMost, partsAtOnce] = [2048, 8]

const Whole = z.looseObject({ input: z.unknown() })
const Part = z.looseObject({ data: z.array(z.looseObject({ index: z.number() })) })

type Answered = OperationAnswer & { dropped: string[] }

/**
 * Asks for the embeddings of more texts than a provider takes at once in several requests, and makes one answer of theirs.
 * @param ask has the form of the client on both sides
 * @throws CausewayError invalid-json, invalid-request for more than 2048 texts, and what `ask` throws, of which the rest is then aborted; a
 * ProviderFailure says what the answered parts have used
 */
export async function embedInParts(
  body: Buffer,
  atOnce: number,
  { signal, ask }: { signal: AbortSignal; ask: (part: Buffer, signal: AbortSignal) => Promise<Answered> },
): Promise<Answered> {
  const whole = Whole.safeParse(parseBody(body)).data
  const texts = whole?.input
  if (!whole || !Array.isArray(texts) || texts.length <= atOnce || !texts.every(text => typeof text === 'string'))
    return ask(body, signal)
  if (texts.length > textsAtMost)
    throw new CausewayError('invalid-request', `The request may have ${textsAtMost} texts.`, {
      problems: [{ pointer: '/input', message: `expected at most ${textsAtMost} texts` }],
    })
  const parts: Buffer[] = []
  for (let from = 0; from < texts.length; from += atOnce)
    parts.push(Buffer.from(JSON.stringify({ ...whole, input: texts.slice(from, from + atOnce) })))
  const answers: Answered[] = []
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const waiting = parts.entries()
  const worker = async (): Promise<void> => {
    for (const [place, part] of waiting) answers[place] = await ask(part, either)
  }
  try {
    await Promise.all(Array.from({ length: Math.min(partsAtOnce, parts.length) }, worker))
  } catch (error) {
    failed.abort(error)
    if (error instanceof ProviderFailure) error.used = usedBy(answers, parts)
    throw error
  }
  return joined(answers)
}

/** Answers lack those parts that were not answered. */
function usedBy(answers: readonly Answered[], parts: readonly Buffer[]): TokenUsage {
  let inputTokens = 0
  // Holes are passed over.
  answers.forEach(({ usage }, place) => {
    inputTokens += usage?.inputTokens ?? estimateTokens(parts[place]?.length ?? 0)
  })
  return { ...noTokens, inputTokens }
}

function joined(answers: readonly Answered[]): Answered {
  const bodies = answers.map(({ body }) => Part.parse(JSON.parse(body.toString('utf8'))))
  const data = bodies.flatMap(part => part.data).map((each, index) => ({ ...each, index }))
  const counted = answers.map(({ usage }) => usage)
  // A part that was not counted leaves the whole uncounted.
  const inputTokens = counted.reduce<number | undefined>(
    (sum, usage) => (sum === undefined || !usage ? undefined : sum + usage.inputTokens),
    0,
  )
  const tokens = inputTokens ?? 0
  return {
    body: Buffer.from(JSON.stringify({ ...bodies[0], data, usage: { prompt_tokens: tokens, total_tokens: tokens } })),
    usage: inputTokens === undefined ? undefined : { ...noTokens, inputTokens },
    dropped: [...new Set(answers.flatMap(({ dropped }) => dropped))],
  }
}
