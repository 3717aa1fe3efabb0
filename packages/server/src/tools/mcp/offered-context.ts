import type { ManifestInput, ManifestOf, OfferedTool } from '@causeway/contracts'
import type { ServerCapabilities } from '@modelcontextprotocol/client'
import { asksOf } from '../asked-input.ts'

type Kind = 'mcp-resources' | 'mcp-prompts' | 'mcp-completions'

/** What a tool is that reads what a server has beside its tools. */
const kinds: Readonly<Record<Kind, { name: string; description: string; input: Record<string, unknown> }>> = {
  'mcp-resources': {
    name: 'read-resource',
    description: 'Reads a resource of the server, by its URI.',
    input: { properties: { uri: { type: 'string' } }, required: ['uri'] },
  },
  'mcp-prompts': {
    name: 'get-prompt',
    description: 'Gets a prompt of the server by its name, filled with arguments.',
    input: {
      properties: { name: { type: 'string' }, arguments: { type: 'object', additionalProperties: { type: 'string' } } },
      required: ['name'],
    },
  },
  'mcp-completions': {
    name: 'complete',
    description: 'Says how the value of an argument of a prompt or a resource of the server could go on.',
    input: {
      properties: {
        ref: {
          type: 'object',
          properties: {
            type: { enum: ['ref/prompt', 'ref/resource'] },
            name: { type: 'string' },
            uri: { type: 'string' },
          },
          required: ['type'],
        },
        argument: {
          type: 'object',
          properties: { name: { type: 'string' }, value: { type: 'string' } },
          required: ['name', 'value'],
        },
        context: {
          type: 'object',
          properties: { arguments: { type: 'object', additionalProperties: { type: 'string' } } },
        },
      },
      required: ['ref', 'argument'],
    },
  },
}

/** Drafts of the tools that read resources and prompts of a server and complete their arguments, where it has such. */
export function offeredContext(
  server: string,
  { resources, prompts, completions }: ServerCapabilities,
  active: readonly ManifestOf<'Tool'>[],
): OfferedTool[] {
  const wanted: Kind[] = [
    ...(resources ? ['mcp-resources' as const] : []),
    ...(prompts ? ['mcp-prompts' as const] : []),
    ...(completions ? ['mcp-completions' as const] : []),
  ]
  return wanted.map(type => {
    const accepted = active.find(
      ({ spec: { implementation } }) => implementation.type === type && implementation.server === server,
    )
    const asks = accepted && asksOf(accepted.spec)
    const { name, description, input } = kinds[type]
    const manifest: ManifestInput = {
      kind: 'Tool',
      name: accepted?.name ?? `${server}-${name}`.slice(0, 63),
      spec: {
        ...(accepted?.spec ?? {
          description,
          effect: 'read',
          risk: 3,
          input: { type: 'object', ...input, additionalProperties: false },
        }),
        implementation: { type, server, ...(asks && { asks }) },
      },
    }
    return { tool: type, state: accepted ? 'accepted' : 'new', findings: [], manifest: { ...manifest } }
  })
}
