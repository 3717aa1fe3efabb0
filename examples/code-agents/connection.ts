import { createClient, type Client } from '@causeway/sdk'

/** What each of the examples needs: where the platform is, and what is asked of which agent. */
export interface Connection {
  client: Client
  /** Address of the model gateway for clients of OpenAI. */
  gatewayUrl: string
  apiKey: string
  /** The agent whose tools are used. */
  agent: string
  /** The route that answers. */
  model: string
  /** What the user says. */
  input: string
}

/** Reads the settings of an example. @throws Error when there is no key */
export function readConnection(): Connection {
  const { CAUSEWAY_URL: url = 'http://127.0.0.1:4100', CAUSEWAY_API_KEY: apiKey, AGENT, MODEL } = process.env
  if (!apiKey) throw new Error('Set CAUSEWAY_API_KEY, for example to what stands in .causeway/admin-key.')
  const [input = 'Where is my order 1042?'] = process.argv.slice(2)
  return {
    client: createClient({ baseUrl: url, apiKey }),
    gatewayUrl: `${url}/v1`,
    apiKey,
    agent: AGENT ?? 'support',
    model: MODEL ?? 'support',
    input,
  }
}
