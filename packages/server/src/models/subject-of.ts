import type { ModelCallSubject } from './ports.ts'
import type { Target } from './providers/provider-adapter.ts'

/** What is to be decided about one target of a call. */
export const subjectOf = (
  route: string,
  { provider, model, spec }: Target,
  dataClasses: readonly string[],
): ModelCallSubject => ({ route, provider, model, region: regionOf(spec), accepts: acceptedBy(spec), dataClasses })

function regionOf(spec: Target['spec']): string | null {
  const told = 'region' in spec ? spec.region : undefined
  if (told !== undefined) return told
  return spec.type === 'vertex' ? spec.location : spec.type === 'bedrock' ? spec.awsRegion : null
}

/** What stays in this process may be of every class. */
const acceptedBy = (spec: Target['spec']): ModelCallSubject['accepts'] =>
  spec.type === 'local' || spec.type === 'rehearsal' ? 'every' : (spec.dataClasses ?? [])
