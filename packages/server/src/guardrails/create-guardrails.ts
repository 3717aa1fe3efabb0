import { createHash } from 'node:crypto'
import { CausewayError, type ExternalDetector, type GuardrailSide, type ManifestOf } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import { compiledManifests, type Manifests } from '../manifests/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { detectors } from './detectors/index.ts'
import { createDetectors } from './external/create-detectors.ts'
import type { AskDetectorDependencies } from './external/ask-detector.ts'
import { findPieces } from './external/find-pieces.ts'
import { textsIn } from './external/texts-in.ts'
import type { Watch } from './matches-in.ts'
import { findPattern } from './pattern.ts'

/** A detector elsewhere, and what is done about what it finds. */
interface ExternalWatch extends Omit<Watch, 'find'> {
  spec: ExternalDetector
}

/** What is looked for on one side of the calls of an environment. */
export interface SideWatches {
  readonly here: readonly Watch[]
  /** What is found by asking. */
  readonly elsewhere: readonly ExternalWatch[]
}

/** What is looked for on each side of the calls of an environment, of models and of tools. */
export interface Watches extends Readonly<Record<GuardrailSide, SideWatches>> {
  /** Another one when a guardrail has changed. */
  readonly version: string
}

/** What is looked for in one value, when those elsewhere have been asked about it. */
export interface Looked {
  watches: readonly Watch[]
  /** Why nobody may have the value: somebody who had to be asked has not answered. */
  unseen?: string
}

/** The guardrails of environments. */
export interface Guardrails {
  /** Those in force in an environment, freshly read. */
  inForce(scope: Scope): Promise<Watches>
  /** Asks the detectors elsewhere about a value, each once and all at the same time. Does not throw for those that do not answer. */
  look(scope: Scope, watches: SideWatches, value: unknown): Promise<Looked>
}

export interface CreateGuardrailsOptions extends AskDetectorDependencies {
  manifests: Pick<Manifests, 'allActive'>
  logger: Logger
}

export function createGuardrails({ manifests, logger, ...dependencies }: CreateGuardrailsOptions): Guardrails {
  const detectorsElsewhere = createDetectors(dependencies)

  /** What one of them found, to be looked for; or why it is not known. */
  const ask = async (scope: Scope, { spec, ...watch }: ExternalWatch, texts: readonly string[]) => {
    try {
      return { ...watch, find: findPieces(await detectorsElsewhere.ask(scope, spec, texts)) }
    } catch (error) {
      const { guardrail, detector } = watch
      logger.warn({ err: error, guardrail, detector, onFailure: spec.onFailure }, 'a detector could not be asked')
      const unseen = `the guardrail "${guardrail}" could not ask its detector ${detector}`
      return spec.onFailure === 'pass' ? undefined : unseen
    }
  }

  return {
    inForce: compiledManifests(manifests, 'Guardrail', active => ({
      input: watchesOn('input', active),
      output: watchesOn('output', active),
      result: watchesOn('result', active),
      version: createHash('sha256').update(JSON.stringify(active)).digest('base64'),
    })),
    async look(scope, { here, elsewhere }, value) {
      if (elsewhere.length === 0) return { watches: here }
      const texts = textsOf(value)
      if (!texts) return { watches: here, unseen: 'it is nested too deep to be looked into' }
      const asked = await Promise.all(elsewhere.map(each => ask(scope, each, texts)))
      const unseen = asked.find(each => typeof each === 'string')
      return { watches: [...here, ...asked.filter(each => typeof each === 'object')], ...(unseen && { unseen }) }
    },
  }
}

function textsOf(value: unknown): string[] | undefined {
  try {
    return textsIn(value)
  } catch (error) {
    if (error instanceof CausewayError) return undefined
    throw error
  }
}

const watchesOn = (side: GuardrailSide, active: readonly ManifestOf<'Guardrail'>[]): SideWatches => {
  const there = active.filter(({ spec }) => spec.at.includes(side))
  return { here: there.flatMap(watchesOf), elsewhere: there.flatMap(externalOf) }
}

function watchesOf({ name, spec }: ManifestOf<'Guardrail'>): Watch[] {
  const { action, dataClass } = spec
  return [
    ...spec.detectors.map(detector => ({ detector, find: detectors[detector] })),
    ...spec.patterns.map(pattern => ({ detector: pattern.name, find: findPattern(pattern.match) })),
  ].map(found => ({ guardrail: name, action, dataClass, ...found }))
}

const externalOf = ({ name, spec }: ManifestOf<'Guardrail'>): ExternalWatch[] =>
  (spec.external ?? []).map(external => ({
    guardrail: name,
    action: spec.action,
    dataClass: spec.dataClass,
    detector: external.name,
    spec: external,
  }))
