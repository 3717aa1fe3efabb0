import { isEmbedContentModel } from '../../operations/embeddings/vertex-embed.ts'
import { methodOf } from '../gemini/method-of.ts'
import type { OutgoingCall } from '../http-provider.ts'
import type { SpecOf } from '../provider-adapter.ts'

/** Whether a model is one of Anthropic's, which Vertex AI serves in Anthropic's own dialect. */
export const isClaude = (model: string): boolean => model.startsWith('claude-')

type Where = Pick<SpecOf<'vertex'>, 'project' | 'location' | 'baseUrl'>

/** Sources: https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations and https://docs.claude.com/en/api/claude-on-vertex-ai */
export function vertexUrl(spec: Where, model: string, call: Pick<OutgoingCall, 'operation' | 'stream'>): string {
  const base = spec.baseUrl?.replace(/\/+$/, '') ?? `https://${hostOf(spec.location)}`
  const place = `projects/${encodeURIComponent(spec.project)}/locations/${encodeURIComponent(spec.location)}`
  const [version, publisher, rest] = isClaude(model)
    ? ['v1', 'anthropic', claudeMethod(model, call)]
    : // What Google's own clients send is for this version.
      ['v1beta1', 'google', `${encodeURIComponent(model)}:${googleMethod(model, call)}`]
  return `${base}/${version}/${place}/publishers/${publisher}/models/${rest}`
}

function googleMethod(model: string, call: Pick<OutgoingCall, 'operation' | 'stream'>): string {
  if (call.operation !== 'embed') return methodOf(call)
  return isEmbedContentModel(model) ? 'embedContent' : 'predict'
}

function hostOf(location: string): string {
  if (location === 'global') return 'aiplatform.googleapis.com'
  if (location === 'us' || location === 'eu') return `aiplatform.${location}.rep.googleapis.com`
  return `${location}-aiplatform.googleapis.com`
}

function claudeMethod(model: string, { operation, stream }: Pick<OutgoingCall, 'operation' | 'stream'>): string {
  if (operation === 'count-tokens') return 'count-tokens:rawPredict'
  // A version is parted from its model by @.
  const name = encodeURIComponent(model).replaceAll('%40', '@')
  return `${name}:${stream ? 'streamRawPredict' : 'rawPredict'}`
}
