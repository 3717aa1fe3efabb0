import type { Prompt, Resource, ResourceTemplateType } from '@modelcontextprotocol/client'
import type { Scope } from '../../database/index.ts'
import { saysNothingHidden } from './scan-definition.ts'
import type { ToolServers } from './tool-servers.ts'

/**
 * What servers list beside their tools, for clients to choose from. What speaks to a model or hides from people is left out.
 * Each throws as opening the server does.
 */
export interface ContextLists {
  resources(scope: Scope, server: string, signal: AbortSignal): Promise<Resource[]>
  resourceTemplates(scope: Scope, server: string, signal: AbortSignal): Promise<ResourceTemplateType[]>
  prompts(scope: Scope, server: string, signal: AbortSignal): Promise<Prompt[]>
}

export function createContextLists({ servers }: { servers: ToolServers }): ContextLists {
  return {
    async resources(scope, name, signal) {
      await using server = await servers.open(scope, name, signal)
      return (
        await server.list(async (client, cursor) => {
          const { resources, nextCursor } = await client.listResources(cursor, { signal })
          return { items: resources, nextCursor }
        })
      ).filter(saysNothingHidden)
    },
    async resourceTemplates(scope, name, signal) {
      await using server = await servers.open(scope, name, signal)
      return (
        await server.list(async (client, cursor) => {
          const { resourceTemplates, nextCursor } = await client.listResourceTemplates(cursor, { signal })
          return { items: resourceTemplates, nextCursor }
        })
      ).filter(saysNothingHidden)
    },
    async prompts(scope, name, signal) {
      await using server = await servers.open(scope, name, signal)
      return (
        await server.list(async (client, cursor) => {
          const { prompts, nextCursor } = await client.listPrompts(cursor, { signal })
          return { items: prompts, nextCursor }
        })
      ).filter(saysNothingHidden)
    },
  }
}
