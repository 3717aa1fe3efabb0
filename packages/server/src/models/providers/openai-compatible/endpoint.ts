import type { Secrets } from '../../../secrets/index.ts'
import type { SpecOf } from '../provider-adapter.ts'
import { secretValue } from '../secret-value.ts'

type Spec = SpecOf<'openai-compatible'>

const join = (spec: Spec, path: string): string => spec.baseUrl.replace(/\/+$/, '') + path

export const chatUrl = (spec: Spec): string => join(spec, '/chat/completions')
export const modelsUrl = (spec: Spec): string => join(spec, '/models')

/** Headers that carry our credentials; undefined when the secret has no value. */
export function chatHeaders(spec: Spec, secrets: Secrets): Record<string, string> | undefined {
  // Answers are read and priced on the way through, which a compressed body would prevent.
  const plain = { 'accept-encoding': 'identity' }
  if (!spec.apiKey) return plain
  const key = secretValue(secrets, spec.apiKey)
  return key === undefined ? undefined : { ...plain, authorization: `Bearer ${key}` }
}
