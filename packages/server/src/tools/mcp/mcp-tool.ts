import { CausewayError } from '@causeway/contracts'
import { ProtocolError, type CallToolResult } from '@modelcontextprotocol/client'
import { isRepeatable } from '../execute-tool.ts'
import { RichOutput, type AttemptTool } from '../tool-call.ts'
import { answersIn, askedInputOf } from './asked-input-of.ts'
import type { AskedStates } from './asked-states.ts'
import { definitionHash } from './tool-definition.ts'
import type { ToolServers } from './tool-servers.ts'

/** Calls a tool of an MCP server, if that still says of it what was reviewed. */
export function createMcpTool({ servers, states }: { servers: ToolServers; states: AskedStates }): AttemptTool {
  return async (call, signal) => {
    const { scope, tool, spec, onProgress } = call
    const { implementation } = spec
    if (implementation.type !== 'mcp') throw new CausewayError('internal', `${tool} is not of an MCP server.`)
    const { asks } = implementation
    await using server = await servers.open(scope, implementation.server, signal, asks)
    const offered = (await server.definitions()).find(({ name }) => name === implementation.tool)
    if (!offered || definitionHash(offered) !== implementation.definition)
      throw new CausewayError(
        'tool-changed',
        offered
          ? `The server ${implementation.server} says something else of ${implementation.tool} than when it was reviewed.`
          : `The server ${implementation.server} has no tool ${implementation.tool} any more.`,
      )
    const { values, answers } = answersIn(states, call, asks)
    const asking = { name: implementation.tool, arguments: values, ...answers }
    const result = await server.client
      .callTool(asking, {
        allowInputRequired: asks !== undefined,
        signal,
        timeout: spec.timeoutSeconds * 1000,
        ...(onProgress && {
          onprogress: ({ progress, total }) => onProgress({ progress, ...(total !== undefined && { total }) }),
        }),
      })
      .catch((cause: unknown) => {
        // An error of the protocol is an answer; after anything else nobody knows what the server has done.
        const code = cause instanceof ProtocolError || isRepeatable({ spec }) ? 'tool-failed' : 'tool-outcome-unknown'
        throw new CausewayError(code, server.failure(cause), { cause })
      })
    const asked = askedInputOf(states, call, asks, JSON.parse(server.redact(JSON.stringify(result))))
    if (asked) return asked
    if (result.isError) throw new CausewayError('tool-failed', server.redact(textOf(result)).slice(0, 2000))
    const output: unknown = JSON.parse(server.redact(JSON.stringify(result.structuredContent ?? textOf(result))))
    if (result.content.every(({ type }) => type === 'text')) return output
    return new RichOutput(output, JSON.parse(server.redact(JSON.stringify(result.content))))
  }
}

/** What a result says in words; other content is named. */
const textOf = ({ content }: CallToolResult): string =>
  content.map(block => (block.type === 'text' ? block.text : `[${block.type}]`)).join('\n')
