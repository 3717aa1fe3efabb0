import type { EventError } from '@causeway/contracts'
import canonicalize from 'canonicalize'
import { placesAt } from '../labels/index.ts'
import { claimNamedEffect, findNamedEffect, type NamedEffect } from './effect-store.ts'
import type { Segment } from './segment.ts'
import type { ToolVersion } from './tool-of.ts'
import { sha256 } from './tool-result.ts'

type Arguments = Record<string, unknown>

/** The key of a call that is its own: no other run makes the same. */
export const ownKey = (
  { id, scope }: Segment['run'],
  { version }: ToolVersion,
  values: Arguments,
  callId: string,
): string => sha256([scope.organisationId, scope.environmentId, version, canonicalize(values), id, callId].join('\n'))

/** What a call would do, where the manifest of its tool says which arguments name that. */
export interface Operation {
  key: string
  /** Whoever had it before; undefined where nobody had, or this very call. */
  before: NamedEffect | undefined
  /** Why the call is not made. */
  refused?: EventError
  /** Whether it was tried before and nobody knows what came of it. */
  outcomeUnknown: boolean
}

/** What is known of what a call would do; undefined where it has no name, and each call is its own. */
export async function operationOf(
  { dependencies, run, recording }: Segment,
  { manifest: { name, spec } }: ToolVersion,
  values: Arguments,
  callId: string,
): Promise<Operation | undefined> {
  const named = spec.idempotencyArguments?.flatMap(at => placesAt(values, at))
  if (!named || named.length === 0 || recording) return undefined
  const { organisationId, environmentId } = run.scope
  const key = sha256([organisationId, environmentId, name, canonicalize(named)].join('\n'))
  const found = await findNamedEffect(dependencies.database.kysely, run.scope, key)
  if (!found || (found.runId === run.id && found.callId === callId))
    return { key, before: found, outcomeUnknown: false }
  const refused = refusalOf(name, found)
  const outcomeUnknown = found.state === 'unknown' || (found.state === 'executing' && found.abandoned)
  return { key, before: found, outcomeUnknown, ...(refused && { refused }) }
}

function refusalOf(tool: string, { state, abandoned, runId, updatedAt }: NamedEffect): EventError | undefined {
  if (state === 'completed')
    return conflict(`${tool} has done this before (${runId}, ${updatedAt.toISOString()}); it is not done again.`)
  if ((state === 'intended' || state === 'executing') && !abandoned)
    return conflict(`${tool} is about to do this in ${runId}; it is not done twice.`)
  return undefined
}

const conflict = (message: string): EventError => ({ code: 'conflict', message })

/** Takes what a call is about to do, so that no other call does it. @returns why not, where another was faster */
export async function claimOperation(
  { dependencies, run }: Segment,
  { version, manifest: { name } }: ToolVersion,
  values: Arguments,
  callId: string,
  { key, before }: Operation,
): Promise<EventError | undefined> {
  const argumentsHash = sha256(canonicalize(values) ?? '')
  const claim = { key, runId: run.id, callId, tool: name, toolVersion: version, argumentsHash }
  return (await claimNamedEffect(dependencies.database.kysely, run.scope, claim, before))
    ? undefined
    : conflict(`${name} is about to do this elsewhere; it is not done twice.`)
}
