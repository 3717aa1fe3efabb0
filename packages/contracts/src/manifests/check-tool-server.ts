import type { ProblemPlace } from '../errors.ts'
import { checkAuth, checkHeaders } from './check-http-implementation.ts'
import { handleWanted, isCredential, namesSecret, urlSecretProblem } from './check-secrets.ts'
import { jsonPointer } from './json-pointer.ts'
import type { ManifestOf } from './manifest.ts'

/** What the schema of a ToolServer cannot say about it. */
export function checkToolServer({ name, spec: { transport } }: ManifestOf<'ToolServer'>): ProblemPlace[] {
  if (transport.type === 'mcp-stdio')
    return Object.entries(transport.environment).flatMap(([key, value]) =>
      typeof value === 'string' && (namesSecret(key) || isCredential(value))
        ? [{ pointer: jsonPointer(['spec', 'transport', 'environment', key]), message: handleWanted(name, key) }]
        : [],
    )
  const secret = urlSecretProblem(transport.url)
  return [
    ...(secret ? [{ pointer: '/spec/transport/url', message: secret }] : []),
    ...checkHeaders(name, transport.headers, ['spec', 'transport', 'headers']),
    ...checkAuth(transport.auth, transport.headers, ['spec', 'transport']),
  ]
}
