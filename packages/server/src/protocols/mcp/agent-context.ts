import { CausewayError, type ManifestOf } from '@causeway/contracts'
import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type CompleteResult,
  type GetPromptResult,
  type InputRequiredResult,
  type Prompt,
  type ReadResourceResult,
  type Resource,
  type ResourceTemplateType,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server'
import * as z from 'zod'
import type { GovernedEnd, ToolProgress } from '../../agents/index.ts'
import { askedIn } from '../../tools/index.ts'
import type { AskedClient } from './asked-client.ts'
import { offerSubscriptions } from './follow-resources.ts'
import { waitingText } from './waiting-text.ts'

type GovernedTool = Pick<ManifestOf<'Tool'>, 'name' | 'spec'>

/** What servers list for clients to choose from, and how that changes. */
export interface ServerLists {
  resources(server: string): Promise<Resource[]>
  resourceTemplates(server: string): Promise<ResourceTemplateType[]>
  prompts(server: string): Promise<Prompt[]>
  /** Tells of changes of a resource until the signal is aborted. @throws CausewayError */
  changes(server: string, uri: string, changed: () => void, signal: AbortSignal): Promise<void>
}

export interface AgentContextOptions {
  asked: AskedClient
  tools: readonly GovernedTool[]
  lists: ServerLists
  /** Carries out a call. @throws CausewayError */
  call(
    tool: string,
    values: Record<string, unknown>,
    signal: AbortSignal,
    onProgress?: (progress: ToolProgress) => void,
  ): Promise<GovernedEnd>
}

/** A tool that brings context from a server. */
interface Source {
  tool: string
  server: string
}

const Contents = z.array(z.looseObject({ resource: z.looseObject({ uri: z.string() }) }))

/** What the agent may read of resources and prompts, and have completed, each of which its servers have: a tool stands behind them. */
export const contextCapabilities = (
  tools: readonly GovernedTool[],
  inSession: boolean,
): { resources?: object; prompts?: object; completions?: Record<string, never> } => ({
  ...(sourcesOf(tools, 'mcp-resources').length > 0 && { resources: inSession ? { subscribe: true } : {} }),
  ...(sourcesOf(tools, 'mcp-prompts').length > 0 && { prompts: {} }),
  ...(sourcesOf(tools, 'mcp-completions').length > 0 && { completions: {} }),
})

/**
 * Offers resources and prompts of the servers of an agent. To read one is a call of a tool, with all that holds for calls.
 * Source: https://modelcontextprotocol.io/specification/2026-07-28/server/resources, /server/prompts and /server/utilities/completion
 */
export function offerContext(
  server: Server,
  tools: readonly GovernedTool[],
  { offeredTo, inSession }: { offeredTo: (context: ServerContext) => AgentContextOptions; inSession: boolean },
): void {
  const readers = sourcesOf(tools, 'mcp-resources')
  const prompters = sourcesOf(tools, 'mcp-prompts')
  const completers = sourcesOf(tools, 'mcp-completions')

  if (readers.length > 0) {
    server.setRequestHandler('resources/list', async (_request, context) => ({
      resources: (await Promise.all(readers.map(each => offeredTo(context).lists.resources(each.server)))).flat(),
    }))
    server.setRequestHandler('resources/templates/list', async (_request, context) => ({
      resourceTemplates: (
        await Promise.all(readers.map(each => offeredTo(context).lists.resourceTemplates(each.server)))
      ).flat(),
    }))
    const readerOf = (uri: string, { lists }: AgentContextOptions): Promise<Source> =>
      sourceOf(
        readers,
        each => lists.resources(each.server),
        listed => listed.uri === uri,
      )
    const read = async (uri: string, context: ServerContext): Promise<ReadResourceResult | InputRequiredResult> => {
      const { mcpReq } = context
      const offered = offeredTo(context)
      const { call, asked } = offered
      const reader = await readerOf(uri, offered)
      const event = settled(await call(reader.tool, asked.answered(reader.tool, { uri }, mcpReq), mcpReq.signal))
      const question = askedIn(event.content)
      if (question) return asked.ask(reader.tool, question, mcpReq)
      if (event.outcome === 'failed') throw new ResourceNotFoundError(uri, event.error?.message)
      const contents = Contents.parse(event.content ?? [])
      return { contents: contents.map(({ resource }) => resource as ReadResourceResult['contents'][number]) }
    }
    server.setRequestHandler('resources/read', ({ params: { uri } }, context) => read(uri, context))
    if (inSession)
      offerSubscriptions(server, {
        read,
        async follow(uri, context, changed, signal) {
          const offered = offeredTo(context)
          const { server: name } = await readerOf(uri, offered)
          await offered.lists.changes(name, uri, changed, signal)
        },
      })
  }
  if (prompters.length > 0) {
    server.setRequestHandler('prompts/list', async (_request, context) => ({
      prompts: (await Promise.all(prompters.map(each => offeredTo(context).lists.prompts(each.server)))).flat(),
    }))
    server.setRequestHandler(
      'prompts/get',
      async ({ params }, context): Promise<GetPromptResult | InputRequiredResult> => {
        const { mcpReq } = context
        const { lists, call, asked } = offeredTo(context)
        const { name, arguments: values = {} } = params
        const prompter = await sourceOf(
          prompters,
          each => lists.prompts(each.server),
          listed => listed.name === name,
        )
        const given = asked.answered(prompter.tool, { name, arguments: values }, mcpReq)
        const event = settled(await call(prompter.tool, given, mcpReq.signal))
        const question = askedIn(event.content)
        if (question) return asked.ask(prompter.tool, question, mcpReq)
        if (event.outcome === 'failed')
          throw new ProtocolError(ProtocolErrorCode.InvalidParams, event.error?.message ?? 'There is no such prompt.')
        return event.output as GetPromptResult
      },
    )
  }
  if (completers.length > 0)
    server.setRequestHandler('completion/complete', async ({ params }, request): Promise<CompleteResult> => {
      const { ref, argument, context } = params
      const { lists, call } = offeredTo(request)
      const completer =
        ref.type === 'ref/prompt'
          ? await sourceOf(
              completers,
              each => lists.prompts(each.server),
              listed => listed.name === ref.name,
            )
          : await sourceOf(
              completers,
              each => lists.resourceTemplates(each.server),
              listed => listed.uriTemplate === ref.uri,
            )
      const event = settled(
        await call(completer.tool, { ref, argument, ...(context && { context }) }, request.mcpReq.signal),
      )
      if (event.outcome === 'completed') return { completion: event.output as CompleteResult['completion'] }
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, event.error?.message ?? 'It cannot be completed.')
    })
}

const sourcesOf = (
  tools: readonly GovernedTool[],
  type: 'mcp-resources' | 'mcp-prompts' | 'mcp-completions',
): Source[] =>
  tools.flatMap(({ name, spec: { implementation } }) =>
    implementation.type === type ? [{ tool: name, server: implementation.server }] : [],
  )

/** The source that lists what is wanted; with one only, or where none does, the first, which then says so itself. */
async function sourceOf<Item>(
  sources: readonly Source[],
  list: (source: Source) => Promise<Item[]>,
  isWanted: (item: Item) => boolean,
): Promise<Source> {
  for (const source of sources.length > 1 ? sources : []) if ((await list(source)).some(isWanted)) return source
  const [first] = sources
  if (!first) throw new CausewayError('not-found', 'There is nothing to read from.')
  return first
}

/** @throws ProtocolError for a call that was denied, or waits for a person */
function settled(end: GovernedEnd): Extract<Extract<GovernedEnd, { state: 'settled' }>['event'], { outcome: unknown }> {
  if (end.state === 'waits') throw new ProtocolError(ProtocolErrorCode.InvalidRequest, waitingText(end.approvals))
  const { event } = end
  if ('outcome' in event) return event
  throw new ProtocolError(ProtocolErrorCode.InvalidRequest, `${event.error.code}: ${event.error.message}`)
}
