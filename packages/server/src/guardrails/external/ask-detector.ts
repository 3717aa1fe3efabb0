import type { ExternalDetector } from '@causeway/contracts'
import * as z from 'zod'
import type { Scope } from '../../database/index.ts'
import type { Egress } from '../../egress/index.ts'
import type { Secrets } from '../../secrets/index.ts'

/** Something in a text that a detector has found. */
const Detection = z.object({
  start: z.number().int(),
  end: z.number().int(),
  text: z.string().optional(),
  score: z.number(),
})
const Answer = z.array(z.array(Detection))

export interface AskDetectorDependencies {
  egress: Pick<Egress, 'fetch'>
  secrets: Pick<Secrets, 'ready' | 'resolve'>
}

/**
 * Asks a detector about some texts, once, through the guard of what goes out.
 * Source: FMS guardrails orchestrator, detector API 0.0.1, `/api/v1/text/contents`.
 * @returns for each text the pieces of it that were found
 * @throws CausewayError egress-denied and what secrets throw; TypeError, DOMException and ZodError for what does not come back
 */
export async function askDetector(
  { egress, secrets }: AskDetectorDependencies,
  scope: Scope,
  { url, detectorId, parameters, minimumScore, token, timeoutSeconds }: ExternalDetector,
  texts: readonly string[],
): Promise<string[][]> {
  if (token) await secrets.ready(scope, [token])
  const response = await egress.fetch(`${url.replace(/\/+$/, '')}/api/v1/text/contents`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'detector-id': detectorId,
      ...(token && { authorization: `Bearer ${secrets.resolve(scope, token, 'tool')}` }),
    },
    body: JSON.stringify({ contents: texts, detector_params: parameters }),
    signal: AbortSignal.timeout(timeoutSeconds * 1000),
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new TypeError(`it answered with status ${response.status}`)
  }
  const found = Answer.parse(await response.json())
  if (found.length !== texts.length) throw new TypeError(`it answered for ${found.length} of ${texts.length} texts`)
  return texts.map((text, index) =>
    (found[index] ?? []).filter(({ score }) => score >= minimumScore).map(detection => pieceOf(text, detection)),
  )
}

/**
 * Where the piece itself is told, that counts: detectors count in characters of their own language. What is said to be nowhere in
 * the text is said of all of it.
 */
function pieceOf(text: string, { start, end, text: told }: z.infer<typeof Detection>): string {
  if (told !== undefined && told !== '' && text.includes(told)) return told
  const counted = Array.from(text).slice(Math.max(0, start), Math.max(0, end)).join('')
  return counted === '' ? text : counted
}
