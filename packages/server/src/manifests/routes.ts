import {
  ApplyManifests,
  CausewayError,
  ManifestDifference,
  ManifestKind,
  ManifestPage,
  ManifestPlan,
  ManifestQuery,
  PageQuery,
  PlanManifests,
  StoredManifest,
} from '@causeway/contracts'
import * as z from 'zod'
import type { Database } from '../database/index.ts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../http/index.ts'
import type { ManifestStore } from './create-manifests.ts'
import { differences } from './differences.ts'
import { contentOf } from './plan-changes.ts'
import { findActive, pageActive } from './store.ts'
import { findApplied, listVersions } from './version-store.ts'

const tags = ['manifests']
const params = z.object({ kind: ManifestKind, name: z.string().max(63) })
const Version = z.string().regex(/^[0-9a-f]{64}$/, 'expected a version: 64 hexadecimal digits')

/** The position in a cursor. @throws CausewayError invalid-cursor also for one that comes from another list */
function positionIn(cursor: string, form: RegExp): RegExpExecArray {
  const position = form.exec(decodeCursor(cursor))
  if (!position) throw new CausewayError('invalid-cursor', `"${cursor.slice(0, 40)}" is not a cursor of this list.`)
  return position
}

/** Manifests: plan, apply, read, compare. */
export function manifestRoutes(
  app: App,
  { manifests, database }: { manifests: ManifestStore; database: Database },
): void {
  app.post(
    '/v1/manifests/plan',
    {
      config: { right: 'manifests:read' },
      schema: {
        tags,
        summary: 'See what applying manifests would do',
        body: PlanManifests,
        response: { 200: ManifestPlan },
      },
    },
    async ({ caller, body }) => manifests.plan(caller, body),
  )

  app.post(
    '/v1/manifests/apply',
    {
      config: { right: 'manifests:write' },
      schema: {
        tags,
        summary: 'Put manifests in force, all or none',
        body: ApplyManifests,
        response: { 200: ManifestPlan },
      },
    },
    async ({ caller, body }) => manifests.apply(caller, body),
  )

  app.get(
    '/v1/manifests',
    {
      config: { right: 'manifests:read' },
      schema: {
        tags,
        summary: 'List the manifests in force',
        querystring: ManifestQuery,
        response: { 200: ManifestPage },
      },
    },
    async ({ caller, query: { cursor, limit, kind } }) => {
      const [, afterKind, afterName] = cursor ? positionIn(cursor, /^(\w+)\/([\w-]+)$/) : []
      const after = afterKind !== undefined && afterName !== undefined ? ([afterKind, afterName] as const) : undefined
      return pageFrom(
        await pageActive(database.kysely, caller, { kind, after, limit: limit + 1 }),
        limit,
        encodeCursor,
        each => `${each.kind}/${each.name}`,
      )
    },
  )

  app.get(
    '/v1/manifests/:kind/:name',
    {
      config: { right: 'manifests:read' },
      schema: {
        tags,
        summary: 'Read a manifest: the one in force, or a version',
        params,
        querystring: z.object({ version: Version.optional() }),
        response: { 200: StoredManifest },
      },
    },
    async ({ caller, params: { kind, name }, query }) => {
      const active = await findActive(database.kysely, caller, kind, name)
      const version = query.version ?? active?.version
      const stored =
        version === undefined ? undefined : await findApplied(database.kysely, caller, { kind, name }, version)
      if (!stored) throw new CausewayError('not-found', `There is no ${kind}/${name} in ${caller.environment}.`)
      return { ...stored, active: stored.version === active?.version }
    },
  )

  app.get(
    '/v1/manifests/:kind/:name/versions',
    {
      config: { right: 'manifests:read' },
      schema: {
        tags,
        summary: 'List the versions of a manifest, newest first',
        params,
        querystring: PageQuery,
        response: { 200: ManifestPage },
      },
    },
    async ({ caller, params: { kind, name }, query: { cursor, limit } }) => {
      const before = cursor ? positionIn(cursor, /^[0-9a-f]{64}$/)[0] : undefined
      return pageFrom(
        await listVersions(database.kysely, caller, { kind, name }, { before, limit: limit + 1 }),
        limit,
        encodeCursor,
        each => each.version,
      )
    },
  )

  app.get(
    '/v1/manifests/:kind/:name/diff',
    {
      config: { right: 'manifests:read' },
      schema: {
        tags,
        summary: 'Compare two versions of a manifest',
        params,
        querystring: z.object({ from: Version, to: Version }),
        response: { 200: z.object({ differences: z.array(ManifestDifference) }) },
      },
    },
    async ({ caller, params: { kind, name }, query: { from, to } }) => {
      const [before, after] = await Promise.all(
        [from, to].map(version => findApplied(database.kysely, caller, { kind, name }, version)),
      )
      if (!before || !after) throw new CausewayError('not-found', `${kind}/${name} does not have both versions.`)
      return { differences: differences(contentOf(before), contentOf(after)) }
    },
  )
}
