import { CausewayError } from '@causeway/contracts'
import { RichOutput, type AttemptTool } from '../tool-call.ts'
import { answersIn, askedInputOf } from './asked-input-of.ts'
import type { AskedStates } from './asked-states.ts'
import type { ToolServers } from './tool-servers.ts'

/** Reads a resource of an MCP server, which the argument `uri` names. Source: MCP, "Resources". */
export function createMcpResourceTool({ servers, states }: { servers: ToolServers; states: AskedStates }): AttemptTool {
  return async (call, signal) => {
    const { scope, tool, spec } = call
    const { implementation } = spec
    if (implementation.type !== 'mcp-resources')
      throw new CausewayError('internal', `${tool} does not read resources of an MCP server.`)
    const { asks } = implementation
    await using server = await servers.open(scope, implementation.server, signal, asks)
    const { values, answers } = answersIn(states, call, asks)
    const answer = await server.ask(client =>
      client.readResource(
        { uri: String(values['uri']), ...answers },
        { signal, timeout: spec.timeoutSeconds * 1000, allowInputRequired: asks !== undefined },
      ),
    )
    const asked = askedInputOf(states, call, asks, answer)
    if (asked) return asked
    const { contents } = answer
    const said = contents.map(each => ('text' in each ? each.text : `[${each.mimeType ?? 'bytes'}]`)).join('\n')
    return new RichOutput(
      said,
      contents.map(each => ({ type: 'resource', resource: each })),
    )
  }
}
