import type { JsonSchema, ManifestInput, ManifestOf, OfferedTool } from '@causeway/contracts'
import type { Scope } from '../../database/index.ts'
import type { Manifests } from '../../manifests/index.ts'
import { asksOf } from '../asked-input.ts'
import { offeredContext } from './offered-context.ts'
import { scanDefinition } from './scan-definition.ts'
import { definitionHash, type ToolDefinition } from './tool-definition.ts'
import type { ToolServers } from './tool-servers.ts'

/** The tools that a server offers now, and those that read its resources and prompts, as drafts to review. @throws as opening the server does */
export async function offeredTools(
  { servers, manifests }: { servers: ToolServers; manifests: Manifests },
  scope: Scope,
  server: string,
  signal: AbortSignal,
): Promise<OfferedTool[]> {
  await using connection = await servers.open(scope, server, signal)
  const [definitions, inForce] = [await connection.definitions(), await manifests.allActive(scope, 'Tool')]
  const active = inForce.map(({ manifest }) => manifest)
  const own = (manifest: ManifestOf<'Tool'>): boolean =>
    manifest.spec.implementation.type === 'mcp' && manifest.spec.implementation.server === server
  const others = active.filter(manifest => !own(manifest)).map(({ name }) => name)
  const names = new Set<string>()
  const tools = definitions.map((definition): OfferedTool => {
    const accepted = active.find(
      ({ spec: { implementation } }) =>
        implementation.type === 'mcp' && implementation.server === server && implementation.tool === definition.name,
    )
    const findings = scanDefinition(definition, others)
    if (findings.some(({ severity }) => severity === 'block'))
      return { tool: definition.name, state: 'refused', findings, manifest: null }
    const name = accepted?.name ?? freeName(`${server}-${definition.name}`, names)
    names.add(name)
    return {
      tool: definition.name,
      state: stateOf(accepted, definition),
      findings,
      manifest: { ...draftOf(server, name, definition, accepted) },
    }
  })
  return [...tools, ...offeredContext(server, connection.client.getServerCapabilities() ?? {}, active)]
}

function stateOf(accepted: ManifestOf<'Tool'> | undefined, definition: ToolDefinition): OfferedTool['state'] {
  if (accepted?.spec.implementation.type !== 'mcp') return 'new'
  return accepted.spec.implementation.definition === definitionHash(definition) ? 'accepted' : 'changed'
}

/** A manifest with what the server says, and with the care that is due where nobody has reviewed it; what was reviewed stays. */
function draftOf(
  server: string,
  name: string,
  definition: ToolDefinition,
  accepted: ManifestOf<'Tool'> | undefined,
): ManifestInput {
  const { description, title, inputSchema, outputSchema, annotations } = definition
  const asks = accepted && asksOf(accepted.spec)
  return {
    kind: 'Tool',
    name,
    spec: {
      ...(accepted ? accepted.spec : { effect: annotations?.readOnlyHint ? 'read' : 'write', risk: 3 }),
      description: (description ?? title ?? definition.name).slice(0, 4000),
      input: withoutDialect(inputSchema),
      ...(outputSchema && { output: withoutDialect(outputSchema) }),
      implementation: {
        type: 'mcp',
        server,
        tool: definition.name,
        definition: definitionHash(definition),
        ...(asks && { asks }),
      },
    },
  }
}

/** Servers name older dialects of JSON Schema; what they then say means the same in 2020-12, or is refused when it is applied. */
function withoutDialect({ $schema: _dialect, ...schema }: Record<string, unknown>): JsonSchema {
  return schema
}

/** A name of a manifest for a name of a server's. */
function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const plain = wanted
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60)
  for (let count = 1; ; count++) {
    const name = count === 1 ? plain : `${plain}-${count}`
    if (!taken.has(name)) return name
  }
}
