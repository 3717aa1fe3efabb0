import type { ProblemPlace } from '../errors.ts'
import { urlSecretProblem } from './check-secrets.ts'
import type { ManifestOf } from './manifest.ts'

function compiles(pattern: string): boolean {
  try {
    RegExp(pattern, 'i')
    return true
  } catch {
    return false
  }
}

/** What the schema of a Provider cannot say about it. */
export function checkProvider({ spec }: ManifestOf<'Provider'>): ProblemPlace[] {
  switch (spec.type) {
    case 'openai-compatible':
    case 'azure-openai':
    case 'anthropic':
    case 'gemini':
    case 'vertex':
    case 'bedrock':
    case 'cohere':
    case 'ai-sdk': {
      const message = spec.baseUrl === undefined ? undefined : urlSecretProblem(spec.baseUrl)
      return message ? [{ pointer: '/spec/baseUrl', message }] : []
    }
    case 'rehearsal':
      return spec.conversations.flatMap(({ match }, index) =>
        compiles(match)
          ? []
          : [{ pointer: `/spec/conversations/${index}/match`, message: 'expected a regular expression (ECMAScript)' }],
      )
    case 'local':
      return []
  }
}
