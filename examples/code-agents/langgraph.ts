/** A graph of LangGraph.js: its models come through the gateway and its tools are those of an agent, all decided on and recorded in one session. */
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

const configuration = { baseURL: gatewayUrl, defaultHeaders: governed.modelHeaders }
const assistant = new ChatOpenAI({ model, apiKey, configuration }).bindTools(tools)
const graph = new StateGraph(MessagesAnnotation)
  .addNode('assistant', async ({ messages }) => ({ messages: [await assistant.invoke(messages)] }))
  .addNode('tools', new ToolNode(tools))
  .addEdge('__start__', 'assistant')
  .addConditionalEdges('assistant', toolsCondition)
  .addEdge('tools', 'assistant')
  .compile()

const { messages } = await graph.invoke({ messages: [{ role: 'user', content: input }] })
process.stdout.write(`${messages.at(-1)?.text}\nsession: ${governed.sessionId}\n`)
