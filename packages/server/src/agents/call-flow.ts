import { jsonPointer, type Label, type ManifestOf, type TracedArgument } from '@causeway/contracts'
import { join, leavesOf, placesAt, type SeenValues } from '../labels/index.ts'
import type { AgentReach, CallFlow } from '../policy/index.ts'
import { inputArguments, mayAsk } from '../tools/index.ts'
import type { Segment } from './segment.ts'

type Tool = Pick<ManifestOf<'Tool'>, 'name' | 'spec'>
type Arguments = Record<string, unknown>

/** Traces a call that the model asks for through all that it has seen, and through what it passes on without having read it. */
export async function flowOf(
  segment: Segment,
  { name, spec }: Tool,
  values: Arguments,
  unread: readonly Label[],
): Promise<CallFlow> {
  const { agent, run, fold } = segment
  const { seen, created, callsOf } = fold.state()
  const { criticalArguments, payloadArguments, egress } = spec
  // What a client answers a tool can be anything, and goes where the call goes.
  const answers = mayAsk(spec) ? [jsonPointer([inputArguments.responses])] : []
  const payload =
    payloadArguments.length > 0
      ? [...payloadArguments, ...answers].flatMap(at => placesAt(values, at))
      : [{ value: values }]
  return {
    profile: agent.profile,
    environment: run.environment,
    reach: await reachOf(segment),
    scope: created.scope,
    now: new Date(),
    callsMade: callsOf.get(name) ?? 0,
    context: unread.reduce(join, seen.context),
    critical: (criticalArguments ? [...criticalArguments, ...answers] : everyArgument(values))
      .flatMap(at => placesAt(values, at))
      .map(({ pointer, value }) => traced(seen, pointer, value)),
    destinations: egress?.destination ? destinationsIn(seen, values, egress.destination) : [],
    links: payload.flatMap(({ value }) => linksIn(value)).map(link => ({ ...traced(seen, '', link), value: link })),
    payloadStated: payload.every(({ value }) => seen.trace(value).origin === 'user-stated'),
  }
}

const everyArgument = (values: Arguments): string[] => Object.keys(values).map(key => jsonPointer([key]))

const traced = (seen: SeenValues, pointer: string, value: unknown): TracedArgument => ({
  pointer,
  ...seen.trace(value),
})

const destinationsIn = (seen: SeenValues, values: Arguments, at: string): CallFlow['destinations'] =>
  placesAt(values, at).flatMap(({ pointer, value }) =>
    leavesOf(value).map(leaf => ({ ...traced(seen, pointer, leaf), value: leaf })),
  )

const link = /\bhttps?:\/\/[^\s"'<>()[\]{}]+|\bwww\.[^\s"'<>()[\]{}]+/giu

/** Addresses of sites that somebody who reads the value could follow. */
const linksIn = (value: unknown): string[] => leavesOf(value).flatMap(leaf => leaf.match(link) ?? [])

/** What the tools of the agent bring together. */
async function reachOf({ dependencies, run, agent }: Segment): Promise<AgentReach> {
  const found = await Promise.all(agent.tools.map(name => dependencies.manifests.active(run.scope, 'Tool', name)))
  const specs = found.flatMap(tool => (tool ? [tool.manifest.spec] : []))
  const labels = specs.flatMap(({ result }) => [result, ...result.parts])
  return {
    privateData: labels.some(({ readers }) => readers !== '*'),
    untrustedInput: labels.some(({ integrity }) => integrity === 'untrusted'),
    egress: specs.some(({ egress }) => egress !== undefined),
  }
}
