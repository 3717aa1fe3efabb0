/** A loop of Vercel's AI SDK: its models come through the gateway and its tools are those of an agent, all decided on and recorded in one session. */
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
  model: createOpenAICompatible({ name: 'causeway', baseURL: gatewayUrl, apiKey, headers: governed.modelHeaders })(
    model,
  ),
  prompt: input,
  tools: Object.fromEntries(tools),
  stopWhen: stepCountIs(10),
})
process.stdout.write(`${text}\nsession: ${governed.sessionId}\n`)
