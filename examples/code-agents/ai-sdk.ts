/** A loop of Vercel's AI SDK: its models come through the gateway, its tools are those of an agent, decided on and recorded by Causeway. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { governedTools } from '@causeway/sdk'
import { generateText, jsonSchema, stepCountIs, tool } from 'ai'
import { readConnection } from './connection.ts'

const { client, gatewayUrl, apiKey, agent, model, input } = readConnection()
const governed = await governedTools(client, { agent, input })
const tools = governed.tools.map(({ name, description, inputSchema, call }) => [
  name,
  tool({ description, inputSchema: jsonSchema<Record<string, unknown>>(inputSchema), execute: call }),
])

const { text } = await generateText({
  model: createOpenAICompatible({ name: 'causeway', baseURL: gatewayUrl, apiKey })(model),
  prompt: input,
  tools: Object.fromEntries(tools),
  stopWhen: stepCountIs(10),
})
process.stdout.write(`${text}\nsession: ${governed.sessionId() ?? 'no tool was called'}\n`)
