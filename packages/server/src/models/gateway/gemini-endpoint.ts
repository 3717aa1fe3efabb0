import { gemini } from '../dialects/gemini/index.ts'
import type { ModelEndpoint } from './client-dialects.ts'

// The addresses of the Gemini API and, behind the project and its location, those of Vertex AI. The name of a model may
// hold slashes (`provider/model`), and colons before the last one.
const form =
  /^\/v1(?:beta|alpha|beta1)?\/(?:projects\/[^/]+\/locations\/[^/]+\/publishers\/(?:google\/)?)?models\/(.+):(generateContent|streamGenerateContent|countTokens)$/

/** The endpoint of a POST in Gemini's dialect, which names the model and the wish for a stream in its path. */
export function geminiEndpoint(path: string, query: string): ModelEndpoint | undefined {
  const [, name, method] = form.exec(path) ?? []
  if (name === undefined) return undefined
  const model = decoded(name)
  if (method === 'countTokens') return { dialect: gemini, operation: 'count-tokens', address: { model } }
  const stream = method === 'streamGenerateContent'
  const asArray = stream && new URLSearchParams(query).get('alt') !== 'sse'
  return {
    dialect: gemini,
    operation: 'generate',
    address: { model, stream, ...(asArray && { framing: 'json-array' }) },
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
