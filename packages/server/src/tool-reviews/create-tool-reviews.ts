import {
  CausewayError,
  type ActOnToolReview,
  type ManifestOf,
  type SubmitTool,
  type ToolFacts,
  type ToolReview,
  type ToolReviewDetail,
  type ToolReviewEntry,
  type ToolSpec,
} from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import type { Audit } from '../audit/index.ts'
import { keptFresh, type Database, type Scope } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'
import { contentOf, differences, type ManifestStore } from '../manifests/index.ts'
import { checkTool, type CheckDependencies } from './check-tool.ts'
import { approvalsFor, nextState, reviewTimeFor } from './next-state.ts'
import {
  approvedBefore,
  blockedVersions,
  environmentsWith,
  findReview,
  lockReview,
  lockReviewOf,
  saveReview,
  type BlockedVersion,
} from './store.ts'

/** The life of versions of tools, from their submission to their end. */
export interface ToolReviews {
  /**
   * Runs the checks of a version and hands it to reviewers.
   * @throws CausewayError invalid-manifest, conflict when it was approved or retired already
   */
  submit(caller: Caller, request: SubmitTool): Promise<ToolReviewDetail>
  /** @throws CausewayError not-found, conflict, own-request */
  act(caller: Caller, id: string, request: ActOnToolReview): Promise<ToolReviewDetail>
  /** @throws CausewayError not-found */
  read(caller: Caller, id: string): Promise<ToolReviewDetail>
}

export interface ToolReviewsOptions extends CheckDependencies {
  database: Database
  audit: Audit
  manifests: ManifestStore
}

const entriesAtMost = 500

export function createToolReviews({ database, audit, manifests, ...checking }: ToolReviewsOptions): ToolReviews {
  const record = async (caller: Caller, change: (found: ToolReview | undefined) => ToolReview, find: Finding) =>
    database.transaction(async transaction => {
      const before = await find(transaction)
      const after = change(before)
      const last = after.history.at(-1)
      if (after.history.length > entriesAtMost)
        throw new CausewayError('conflict', `The review ${after.id} has ${entriesAtMost} entries; no more are kept.`)
      const id = await saveReview(transaction, caller, after)
      if (last && last !== before?.history.at(-1))
        await audit.record(transaction, {
          organisationId: caller.organisationId,
          environment: caller.environment,
          actor: caller.actor,
          action: `tool-review.${last.action}`,
          subject: `tool:${after.tool}`,
          detail: { id, version: after.version, state: after.state, comment: last.comment },
        })
      return { ...after, id }
    })

  const detailOf = async (caller: Caller, review: ToolReview): Promise<ToolReviewDetail> => {
    const versionOf = (version: string) => manifests.version(caller, 'Tool', review.tool, version)
    const manifest = await versionOf(review.version)
    if (!manifest) throw new CausewayError('not-found', `The version ${review.version} of ${review.tool} is gone.`)
    const comparedTo = await approvedBefore(database.kysely, caller, review)
    const before = comparedTo === null ? undefined : await versionOf(comparedTo)
    return {
      ...review,
      spec: manifest.spec,
      facts: factsOf(manifest.spec),
      ...(manifest.description !== undefined && { description: manifest.description }),
      comparedTo,
      differences: differences(before && contentOf(before), contentOf(manifest)),
      enabledIn: await environmentsWith(database.kysely, caller, review),
    }
  }

  return {
    async submit(caller, { manifest: input, comment }) {
      const { manifest, version } = await manifests.keep(caller, input)
      if (manifest.kind !== 'Tool')
        throw new CausewayError('invalid-manifest', `Only tools are reviewed, and this is a ${manifest.kind}.`, {
          problems: [{ pointer: '/manifest/kind', message: 'expected "Tool"' }],
        })
      const of = { tool: manifest.name, version }
      const submitted = await record(
        caller,
        found => submission(caller, { manifest, version, comment: comment ?? null, found }),
        transaction => lockReviewOf(transaction, caller, of),
      )
      const inForce = await manifests.allActive(caller, 'Tool')
      const others = inForce.map(active => active.manifest.name).filter(name => name !== manifest.name)
      const checks = await checkTool(checking, caller, { manifest, version, others })
      const failed = checks.some(({ outcome }) => outcome === 'failed')
      const checked = await record(
        caller,
        found => {
          const review = found ?? submitted
          // Somebody else has submitted it too, and it is in review already.
          if (review.state !== 'submitted') return review
          return { ...review, checks, state: failed ? 'rejected' : 'in-review' }
        },
        transaction => lockReviewOf(transaction, caller, of),
      )
      return detailOf(caller, checked)
    },

    async act(caller, id, { action, comment }) {
      const review = await record(
        caller,
        found => {
          if (!found) throw missing(id)
          const state = nextState(found, action, caller.actor)
          return { ...found, state, history: [...found.history, entry(caller, action, comment ?? null)] }
        },
        transaction => lockReview(transaction, caller, id),
      )
      return detailOf(caller, review)
    },

    async read(caller, id) {
      const review = await findReview(database.kysely, caller, id)
      if (!review) throw missing(id)
      return detailOf(caller, review)
    },
  }
}

type Finding = (transaction: Parameters<typeof lockReview>[0]) => Promise<ToolReview | undefined>

const missing = (id: string): CausewayError =>
  new CausewayError('not-found', `There is no review ${id} in this organisation.`)

const entry = (caller: Caller, action: ToolReviewEntry['action'], comment: string | null): ToolReviewEntry => ({
  at: new Date().toISOString(),
  by: caller.actor,
  action,
  comment,
})

function submission(
  caller: Caller,
  {
    manifest: { name, spec },
    version,
    comment,
    found,
  }: { manifest: ManifestOf<'Tool'>; version: string; comment: string | null; found: ToolReview | undefined },
): ToolReview {
  if (found && ['approved', 'deprecated', 'retired', 'quarantined'].includes(found.state))
    throw new CausewayError(
      'conflict',
      `The version ${version.slice(0, 12)} of ${name} is ${found.state} already: ${found.id}.`,
    )
  const now = Date.now()
  return {
    id: found?.id ?? `review_${uuid()}`,
    tool: name,
    version,
    effect: spec.effect,
    risk: spec.risk,
    state: 'submitted',
    approvalsNeeded: approvalsFor(spec.risk),
    submittedBy: caller.actor,
    submittedIn: caller.environment,
    submittedAt: new Date(now).toISOString(),
    dueAt: new Date(now + reviewTimeFor(spec.risk)).toISOString(),
    checks: [],
    history: [...(found?.history ?? []), entry(caller, 'submit', comment)],
  }
}

/** Versions that were taken back: they are called nowhere, on any replica, within a second. */
export interface BlockedVersions {
  find(scope: Scope, tool: string, version: string): Promise<BlockedVersion | undefined>
}

const freshMs = 300
const usableMs = 700
const organisationsKept = 1000

export function createBlockedVersions({ database }: { database: Database }): BlockedVersions {
  const kept = keptFresh<readonly BlockedVersion[]>({ freshMs, usableMs, limit: organisationsKept, warm: true })
  return {
    async find(scope, tool, version) {
      const blocked = await kept.get(scope.organisationId, () => blockedVersions(database.kysely, scope))
      return blocked.find(each => each.tool === tool && each.version === version)
    },
  }
}

const factsOf = ({ owner, documentation, deprecation, result }: ToolSpec): ToolFacts => ({
  owner: owner ?? null,
  documentation: documentation ?? null,
  dataClasses: result.dataClasses ?? [],
  deprecation: deprecation ?? null,
})
