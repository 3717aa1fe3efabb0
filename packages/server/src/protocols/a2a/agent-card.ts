import { A2A_PROTOCOL_VERSION, type AgentCard } from '@a2a-js/sdk'
import { AttachmentType, type ManifestOf } from '@causeway/contracts'

const texts = ['text/plain']

/** The card of an agent (A2A 1.0, section 4.4.1). */
export function agentCardOf(
  { name, description, spec }: ManifestOf<'Agent'>,
  { version, url }: { version: string; url: string },
): AgentCard {
  const said = description ?? `The agent ${name}.`
  const at = (protocolBinding: string) => ({ url, protocolBinding, tenant: '', protocolVersion: A2A_PROTOCOL_VERSION })
  return {
    name,
    description: said,
    version: version.slice(0, 12),
    supportedInterfaces: [at('JSONRPC'), at('HTTP+JSON')],
    provider: undefined,
    capabilities: { streaming: true, pushNotifications: true, extendedAgentCard: false, extensions: [] },
    securitySchemes: {
      key: {
        scheme: {
          $case: 'httpAuthSecurityScheme',
          value: { description: 'An API key with the right runs:write', scheme: 'Bearer', bearerFormat: '' },
        },
      },
    },
    securityRequirements: [{ schemes: { key: { list: [] } } }],
    defaultInputModes: [...new Set([...texts, ...AttachmentType.options])],
    defaultOutputModes: texts,
    skills: [
      {
        id: name,
        name,
        description: said,
        tags: spec.tools,
        examples: [],
        inputModes: texts,
        outputModes: texts,
        securityRequirements: [],
      },
    ],
    signatures: [],
  }
}
