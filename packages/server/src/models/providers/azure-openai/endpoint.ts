import type { DialectName } from '../../dialects/dialect-name.ts'
import type { SpecOf, Target } from '../provider-adapter.ts'

type Spec = SpecOf<'azure-openai'>

/** The version of the API that has no date any more. */
const undated = new Set([undefined, 'v1', 'preview', 'latest'])

/** Before this version there were no responses. */
const firstWithResponses = '2025-03'

export const hasResponses = ({ apiVersion }: Spec): boolean =>
  undated.has(apiVersion) || (apiVersion ?? '') >= firstWithResponses

/**
 * Where a deployment is called. In the dated API its name stands in the path, for all but responses.
 * Source: https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 * @param path such as `/chat/completions`
 */
export function deploymentUrl(target: Target<Spec>, path: string): string {
  const { spec, model } = target
  return undated.has(spec.apiVersion) || path === '/responses'
    ? resourceUrl(target, path)
    : resourceUrl(target, `/deployments/${encodeURIComponent(model)}${path}`)
}

/** Where the resource itself is asked, for what belongs to no deployment. */
export function resourceUrl({ spec }: Pick<Target<Spec>, 'spec'>, path: string): string {
  const resource = spec.baseUrl.replace(/\/+$/, '').replace(/\/openai(\/v1)?$/, '')
  const { apiVersion } = spec
  if (apiVersion === undefined || apiVersion === 'v1') return `${resource}/openai/v1${path}`
  const query = `${path.includes('?') ? '&' : '?'}api-version=${encodeURIComponent(apiVersion)}`
  return `${resource}/openai${undated.has(apiVersion) ? '/v1' : ''}${path}${query}`
}

export const pathOf: Partial<Record<DialectName, string>> = {
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
}
