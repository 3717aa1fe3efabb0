/** A graph of LangGraph.js: its models come through the gateway, its tools are those of an agent, decided on and recorded by Causeway. */
import { governedTools } from '@causeway/sdk'
import { tool } from '@langchain/core/tools'
import { MessagesAnnotation, StateGraph } from '@langchain/langgraph'
import { ToolNode, toolsCondition } from '@langchain/langgraph/prebuilt'
import { ChatOpenAI } from '@langchain/openai'
import { readConnection } from './connection.ts'

const { client, gatewayUrl, apiKey, agent, model, input } = readConnection()
const governed = await governedTools(client, { agent, input })
const tools = governed.tools.map(({ name, description, inputSchema, call }) =>
  tool(async values => JSON.stringify(await call(values as Record<string, unknown>)), {
    name,
    description,
    schema: inputSchema,
  }),
)

const assistant = new ChatOpenAI({ model, apiKey, configuration: { baseURL: gatewayUrl } }).bindTools(tools)
const graph = new StateGraph(MessagesAnnotation)
  .addNode('assistant', async ({ messages }) => ({ messages: [await assistant.invoke(messages)] }))
  .addNode('tools', new ToolNode(tools))
  .addEdge('__start__', 'assistant')
  .addConditionalEdges('assistant', toolsCondition)
  .addEdge('tools', 'assistant')
  .compile()

const { messages } = await graph.invoke({ messages: [{ role: 'user', content: input }] })
process.stdout.write(`${messages.at(-1)?.text}\nsession: ${governed.sessionId() ?? 'no tool was called'}\n`)
