import * as z from 'zod'
import { Instant } from '../names.ts'
import { pageOf, PageQuery } from '../paging.ts'
import { ManifestKind } from './manifest.ts'

/** A version of a manifest as it is stored: never changed, named by the SHA-256 of its canonical JSON (RFC 8785). */
export const StoredManifest = z.object({
  kind: ManifestKind,
  name: z.string(),
  version: z.string().describe('sha256 in hexadecimal'),
  description: z.string().optional(),
  spec: z.record(z.string(), z.unknown()),
  createdAt: Instant,
  createdBy: z.string(),
  active: z.boolean().describe('whether this version is the one in force in the environment'),
})
export type StoredManifest = z.infer<typeof StoredManifest>

/** One changed place of a manifest, as a JSON Pointer with the value before and after; a side that does not exist is absent. */
export const ManifestDifference = z.object({
  pointer: z.string(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
})
export type ManifestDifference = z.infer<typeof ManifestDifference>

/** What applying would do to one manifest. */
export const PlannedChange = z.object({
  action: z.enum(['create', 'update', 'delete', 'unchanged']),
  kind: ManifestKind,
  name: z.string(),
  fromVersion: z.string().nullable(),
  toVersion: z.string().nullable(),
  differences: z.array(ManifestDifference),
})
export type PlannedChange = z.infer<typeof PlannedChange>

/** Request of plan and apply: the manifests wanted in the environment. The set is applied whole or not at all. */
export const PlanManifests = z.strictObject({
  manifests: z.array(z.unknown()).max(1000).describe('manifests; each wrong place is reported by its JSON Pointer'),
  prune: z.boolean().default(false).describe('delete what is in force in the environment and not in the set'),
})
export type PlanManifests = z.input<typeof PlanManifests>

/** Request of apply: a plan, and optionally the id of the plan that was read, so that nothing else is applied. */
export const ApplyManifests = PlanManifests.extend({ planId: z.string().optional() })
export type ApplyManifests = z.input<typeof ApplyManifests>

/** What applying would do, or did. */
export const ManifestPlan = z.object({
  planId: z.string().describe('sha256 over the changes'),
  environment: z.string(),
  changes: z.array(PlannedChange),
})
export type ManifestPlan = z.infer<typeof ManifestPlan>

/** Filters of the list of manifests in force. */
export const ManifestQuery = PageQuery.extend({ kind: ManifestKind.optional() })
export type ManifestQuery = z.input<typeof ManifestQuery>

/** One page of manifests. */
export const ManifestPage = pageOf(StoredManifest)
