import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import {
  CausewayError,
  Manifest,
  ManifestKind,
  type ManifestDifference,
  type ManifestPlan,
  type StoredManifest,
  type ToolReviewDetail,
} from '@causeway/contracts'
import type { Client } from '@causeway/sdk'
import {
  exportManifests,
  formatProblem,
  loadManifests,
  placeProblems,
  type LoadedManifest,
} from '@causeway/sdk/manifests'
import { CommandError } from './command-error.ts'
import { brief, print, printJson, styled } from './output.ts'

/** Loads manifests, or fails with every problem at its place. */
async function loaded(
  paths: readonly string[],
  existing: readonly { kind: string; name: string }[],
): Promise<LoadedManifest[]> {
  const { manifests, problems } = await loadManifests({
    paths,
    existing: existing.map(({ kind, name }) => ({ kind: ManifestKind.parse(kind), name })),
  })
  if (problems.length > 0) throw new CommandError(problems.map(formatProblem).join('\n'))
  return manifests
}

/** `causeway validate`: without a server. */
export async function validate(paths: readonly string[], json: boolean): Promise<void> {
  const { manifests, problems } = await loadManifests({ paths })
  if (json) for (const problem of problems) printJson(problem)
  else for (const problem of problems) print(formatProblem(problem))
  if (problems.length > 0) throw new CommandError(`${problems.length} problem${problems.length === 1 ? '' : 's'}.`)
  if (!json) print(`${manifests.length} manifests are valid.`)
}

/** All manifests in force. */
async function inForce(client: Client): Promise<StoredManifest[]> {
  const all: StoredManifest[] = []
  for await (const manifest of client.manifests.all()) all.push(manifest)
  return all
}

export interface PlanOptions {
  client: Client
  paths: readonly string[]
  prune: boolean
  json: boolean
}

/** `causeway plan` */
export async function plan({ client, paths, prune, json }: PlanOptions): Promise<void> {
  const manifests = await loaded(paths, await inForce(client))
  const made = await placed(manifests, client.manifests.plan({ manifests: manifests.map(({ input }) => input), prune }))
  if (json) printJson(made)
  else printPlan(made)
}

/** `causeway policy test`: tries the tests of the policies in files, and applies nothing. */
export async function testPolicies({ client, paths, json }: Omit<PlanOptions, 'prune'>): Promise<void> {
  const policies = (await loaded(paths, await inForce(client))).filter(({ input }) => input.kind === 'Policy')
  if (policies.length === 0) throw new CommandError('There is no Policy in these files.')
  await placed(policies, client.manifests.plan({ manifests: policies.map(({ input }) => input), prune: false }))
  const tests = policies.reduce(
    (sum, { input }) => sum + (input.kind === 'Policy' ? (input.spec.tests?.length ?? 0) : 0),
    0,
  )
  if (json) printJson({ policies: policies.length, tests })
  else
    print(
      `${tests} test${tests === 1 ? '' : 's'} of ${policies.length} polic${policies.length === 1 ? 'y' : 'ies'} hold.`,
    )
}

/** `causeway tool-reviews submit`: the tools in files, one after the other. */
export async function submitTools({
  client,
  paths,
  comment,
}: {
  client: Client
  paths: readonly string[]
  comment?: string
}): Promise<ToolReviewDetail[]> {
  const tools = (await loaded(paths, await inForce(client))).filter(({ input }) => input.kind === 'Tool')
  if (tools.length === 0) throw new CommandError('There is no Tool in these files.')
  const submitted: ToolReviewDetail[] = []
  for (const tool of tools) {
    const request = { manifest: tool.input, ...(comment !== undefined && { comment }) }
    submitted.push(await placed([tool], client.toolReviews.submit(request)))
  }
  return submitted
}

/** `causeway apply`: shows the plan, asks on a terminal, and applies exactly that plan. */
export async function apply({ client, paths, prune, json, yes }: PlanOptions & { yes: boolean }): Promise<void> {
  const manifests = await loaded(paths, await inForce(client))
  const request = { manifests: manifests.map(({ input }) => input), prune }
  const made = await placed(manifests, client.manifests.plan(request))
  const changes = made.changes.filter(({ action }) => action !== 'unchanged')
  if (!json) printPlan(made)
  if (changes.length > 0) {
    if (!yes && !(await confirmed(made.environment))) throw new CommandError('Nothing was applied.')
    await placed(manifests, client.manifests.apply({ ...request, planId: made.planId }))
    if (!json)
      print(
        styled('green', `Applied ${changes.length} change${changes.length === 1 ? '' : 's'} to ${made.environment}.`),
      )
  }
  if (json) printJson(made)
}

async function confirmed(environment: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CommandError('Not on a terminal: give --yes to apply without being asked.', 2)
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await lines.question(`Apply this to ${environment}? [y/N] `)
  lines.close()
  return /^y(es)?$/i.test(answer.trim())
}

/** Problems that the server found, at their places in the files. */
async function placed<Result>(manifests: readonly LoadedManifest[], result: Promise<Result>): Promise<Result> {
  try {
    return await result
  } catch (error) {
    if (error instanceof CausewayError && error.problems)
      throw new CommandError(placeProblems(manifests, error.problems).map(formatProblem).join('\n'))
    throw error
  }
}

const signs = {
  create: styled('green', '+'),
  update: styled('yellow', '~'),
  delete: styled('red', '-'),
  unchanged: ' ',
} as const

function printPlan({ changes, environment }: ManifestPlan): void {
  const changed = changes.filter(({ action }) => action !== 'unchanged')
  for (const { action, kind, name, differences } of changed) {
    print(`${signs[action]} ${kind}/${name}`)
    if (action === 'update') printDifferences(differences)
  }
  print(styled('dim', `${changed.length} to change, ${changes.length - changed.length} unchanged in ${environment}`))
}

/** Prints what differs, place by place. */
export function printDifferences(differences: readonly ManifestDifference[]): void {
  for (const { pointer, before, after } of differences) {
    print(`    ${pointer}`)
    if (before !== undefined) print(styled('red', `      - ${brief(before)}`))
    if (after !== undefined) print(styled('green', `      + ${brief(after)}`))
  }
}

/** `causeway diff <kind>/<name> [from] [to]`: the newest version against the one before it, unless told. */
export async function diff(
  client: Client,
  title: string,
  from: string | undefined,
  to: string | undefined,
  json: boolean,
): Promise<void> {
  const [kindText, name] = title.split('/')
  const kind = ManifestKind.safeParse(kindText)
  if (!kind.success || !name)
    throw new CommandError(`"${title}" is not <kind>/<name>; kinds are ${ManifestKind.options.join(', ')}.`, 2)
  const { data } = await client.manifests.versions(kind.data, name, { limit: 200 })
  const find = (wanted: string | undefined, place: number): string => {
    const found = wanted === undefined ? data[place] : data.find(({ version }) => version.startsWith(wanted))
    if (!found)
      throw new CommandError(
        wanted === undefined
          ? `${title} has ${data.length} version(s): nothing to compare.`
          : `${title} has no version ${wanted}.`,
      )
    return found.version
  }
  const { differences } = await client.manifests.diff(kind.data, name, find(from, 1), find(to, 0))
  if (json) for (const difference of differences) printJson(difference)
  else printDifferences(differences)
}

/** `causeway export`: what is in force, as YAML that loads back to the same versions, or as JSON. */
export async function exportAll(client: Client, out: string | undefined, json: boolean): Promise<void> {
  const manifests = (await inForce(client)).map(({ kind, name, description, spec }) =>
    Manifest.parse({ kind, name, ...(description !== undefined && { description }), spec }),
  )
  if (out === undefined && json) for (const manifest of manifests) printJson(manifest)
  if (out === undefined) return json ? undefined : print(exportManifests(manifests).trimEnd())
  mkdirSync(out, { recursive: true })
  const files = manifests.map(manifest => {
    const file = join(out, `${manifest.kind.toLowerCase()}-${manifest.name}.yaml`)
    writeFileSync(file, exportManifests([manifest]))
    return file
  })
  if (json) printJson({ files })
  else print(`Wrote ${files.length} files to ${out}.`)
}
