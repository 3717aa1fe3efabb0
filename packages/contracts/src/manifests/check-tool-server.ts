import type { ProblemPlace } from '../errors.ts'
import { checkHeaders } from './check-http-implementation.ts'
import { urlSecretProblem } from './check-secrets.ts'
import type { ManifestOf } from './manifest.ts'

/** What the schema of a ToolServer cannot say about it. */
export function checkToolServer({ name, spec: { transport } }: ManifestOf<'ToolServer'>): ProblemPlace[] {
  const secret = urlSecretProblem(transport.url)
  return [
    ...(secret ? [{ pointer: '/spec/transport/url', message: secret }] : []),
    ...checkHeaders(name, transport.headers, ['spec', 'transport', 'headers']),
  ]
}
