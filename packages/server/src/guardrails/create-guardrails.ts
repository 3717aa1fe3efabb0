import { createHash } from 'node:crypto'
import type { GuardrailSide, ManifestOf } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import { compiledManifests, type Manifests } from '../manifests/index.ts'
import { detectors } from './detectors/index.ts'
import type { Watch } from './matches-in.ts'
import { findPattern } from './pattern.ts'

/** What is looked for on each side of the calls of an environment, of models and of tools. */
export interface Watches extends Readonly<Record<GuardrailSide, readonly Watch[]>> {
  /** Another one when a guardrail has changed. */
  readonly version: string
}

/** The guardrails of environments. */
export interface Guardrails {
  /** Those in force in an environment, freshly read. */
  inForce(scope: Scope): Promise<Watches>
}

export const createGuardrails = ({ manifests }: { manifests: Pick<Manifests, 'allActive'> }): Guardrails => ({
  inForce: compiledManifests(manifests, 'Guardrail', active => ({
    input: active.flatMap(guardrail => watchesOf(guardrail, 'input')),
    output: active.flatMap(guardrail => watchesOf(guardrail, 'output')),
    result: active.flatMap(guardrail => watchesOf(guardrail, 'result')),
    version: createHash('sha256').update(JSON.stringify(active)).digest('base64'),
  })),
})

function watchesOf({ name, spec }: ManifestOf<'Guardrail'>, side: GuardrailSide): Watch[] {
  if (!spec.at.includes(side)) return []
  const { action, dataClass } = spec
  return [
    ...spec.detectors.map(detector => ({ detector, find: detectors[detector] })),
    ...spec.patterns.map(pattern => ({ detector: pattern.name, find: findPattern(pattern.match) })),
  ].map(found => ({ guardrail: name, action, dataClass, ...found }))
}
