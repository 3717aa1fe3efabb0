/** A loop of the OpenAI Agents SDK: its models come through the gateway and its tools are those of an agent, all decided on and recorded in one session. */
import { governedTools } from '@causeway/sdk'
import { Agent, OpenAIChatCompletionsModel, run, setTracingDisabled, tool } from '@openai/agents'
import OpenAI from 'openai'
import { readConnection } from './connection.ts'

setTracingDisabled(true)
const { client, gatewayUrl, apiKey, agent, model, input } = readConnection()
const governed = await governedTools(client, { agent, input })
const tools = governed.tools.map(({ name, description, inputSchema, call }) =>
  tool({
    name,
    description,
    parameters: {
      ...inputSchema,
      type: 'object',
      properties: {},
      required: [],
      additionalProperties: true,
      ...inputSchema,
    } as never,
    strict: false,
    execute: values => call(values as Record<string, unknown>),
  }),
)

const gateway = new OpenAI({ baseURL: gatewayUrl, apiKey, defaultHeaders: governed.modelHeaders })
const assistant = new Agent({
  name: 'Assistant',
  instructions: 'Look the order up before you say anything about it.',
  model: new OpenAIChatCompletionsModel(gateway, model),
  tools,
})
const { finalOutput } = await run(assistant, input)
process.stdout.write(`${finalOutput}\nsession: ${governed.sessionId}\n`)
