import { Name, OfferedTools, type OfferedTool } from '@causeway/contracts'
import * as z from 'zod'
import type { Scope } from '../../database/index.ts'
import type { App } from '../../http/index.ts'
import type { Manifests } from '../../manifests/index.ts'
import { scanDefinition } from '../mcp/scan-definition.ts'
import { toolsInDocument, type ToolOfOperation } from './tools-in-document.ts'

const Body = z.strictObject({
  document: z.record(z.string(), z.unknown()).describe('an OpenAPI document, 3.0 or 3.1'),
  prefix: Name.max(30).describe('what the names of the tools begin with'),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .max(1000)
    .optional()
    .describe('in place of the first server of the document'),
})

/** Drafts of tools from the description of an API. Nothing is fetched: the document comes with the request. */
export function openApiRoutes(app: App, { manifests }: { manifests: Manifests }): void {
  app.post(
    '/v1/openapi/tools',
    {
      config: { right: 'manifests:write' },
      schema: {
        tags: ['tools'],
        summary: 'The operations of an OpenAPI document, as manifests of tools to review',
        body: Body,
        response: { 200: OfferedTools },
      },
    },
    async ({ caller, body: { document, ...options } }) => {
      const known = await namesInForce(manifests, caller)
      return { data: toolsInDocument(document, options).map(tool => offeredOf(tool, known)) }
    },
  )
}

async function namesInForce(manifests: Manifests, scope: Scope): Promise<string[]> {
  return (await manifests.allActive(scope, 'Tool')).map(({ manifest }) => manifest.name)
}

function offeredOf({ operation, findings, manifest }: ToolOfOperation, known: readonly string[]): OfferedTool {
  if (!manifest) return { tool: operation, state: 'refused', findings, manifest: null }
  const { name, spec } = manifest
  const definition = { name, description: spec.description, inputSchema: { ...spec.input, type: 'object' as const } }
  const all = [
    ...findings,
    ...scanDefinition(
      definition,
      known.filter(each => each !== name),
    ),
  ]
  if (all.some(({ severity }) => severity === 'block'))
    return { tool: operation, state: 'refused', findings: all, manifest: null }
  return { tool: operation, state: known.includes(name) ? 'changed' : 'new', findings: all, manifest: { ...manifest } }
}
