import type { ModelRequest, OutputFormat } from '../../model-request.ts'
import type { WriteRequestOptions, WrittenRequest } from '../dialect.ts'
import { extraFieldsFor } from '../extra-fields.ts'
import { familyOf, type ModelFamily } from './model-family.ts'
import { writeMessages } from './write-messages.ts'
import { writeReasoning } from './write-reasoning.ts'
import { writeTools } from './write-tools.ts'

/**
 * The body of POST /model/{modelId}/converse and converse-stream. The model and the wish to stream stand in the address.
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export function writeConverseRequest(request: ModelRequest, { model }: WriteRequestOptions): WrittenRequest {
  const family = familyOf(model)
  const extra = extraFieldsFor(request, 'bedrock-converse')
  const { system, messages, dropped: droppedParts } = writeMessages(request.messages, family)
  const { toolConfig, dropped: droppedChoices } = writeTools(request, extra.tools, family)
  const reasoning = writeReasoning(request, family)
  const settings = writeSettings(request, family, reasoning?.['thinking'] !== undefined)
  const additional = { ...settings.additional, ...reasoning }
  const tier = tiers[request.serviceTier ?? '']
  return {
    body: {
      messages,
      ...(system.length > 0 && { system }),
      ...(Object.keys(settings.inferenceConfig).length > 0 && { inferenceConfig: settings.inferenceConfig }),
      ...(toolConfig && { toolConfig }),
      ...(request.output?.type === 'json-schema' && { outputConfig: writeFormat(request.output) }),
      ...(Object.keys(additional).length > 0 && { additionalModelRequestFields: additional }),
      ...(request.stop && { additionalModelResponseFieldPaths: ['/stop_sequence', '/delta/stop_sequence'] }),
      ...(tier && { serviceTier: { type: tier } }),
      ...extra.fields,
    },
    dropped: [
      ...extra.dropped,
      ...droppedParts,
      ...droppedChoices,
      ...settings.dropped,
      ...(request.reasoning && !reasoning ? ['reasoning'] : []),
      // Who asks for just any JSON says so in the prompt too.
      ...(request.output?.type === 'json' ? ['response_format'] : []),
      ...(request.serviceTier !== undefined && request.serviceTier !== 'auto' && !tier ? ['service_tier'] : []),
      ...withoutPlace(request),
    ],
  }
}

const tiers: Readonly<Record<string, string>> = { default: 'default', flex: 'flex', priority: 'priority' }

const withoutPlace = ({ seed, presencePenalty, frequencyPenalty, user, cacheKey }: ModelRequest): string[] =>
  Object.entries({
    seed,
    presence_penalty: presencePenalty,
    frequency_penalty: frequencyPenalty,
    user,
    prompt_cache_key: cacheKey,
  }).flatMap(([field, value]) => (value === undefined ? [] : [field]))

interface Settings {
  inferenceConfig: Record<string, unknown>
  additional: Record<string, unknown>
  dropped: string[]
}

function writeSettings(request: ModelRequest, family: ModelFamily, thinks: boolean): Settings {
  const { maxOutputTokens, temperature, topP, topK, stop } = request
  const sampling = samplingFor(request, family, thinks)
  const takesTopK = sampling.all && (family.name === 'claude' || family.name === 'nova')
  return {
    inferenceConfig: {
      ...(maxOutputTokens !== undefined && { maxTokens: maxOutputTokens }),
      // OpenAI's scale ends at 2.
      ...(sampling.temperature && temperature !== undefined && { temperature: Math.min(1, temperature) }),
      ...(sampling.topP && topP !== undefined && { topP }),
      ...(stop && { stopSequences: stop }),
    },
    additional: {
      ...(takesTopK &&
        topK !== undefined &&
        (family.name === 'claude' ? { top_k: topK } : { inferenceConfig: { topK } })),
    },
    dropped: [
      ...(temperature !== undefined && !sampling.temperature ? ['temperature'] : []),
      ...(topP !== undefined && !sampling.topP ? ['top_p'] : []),
      ...(topK !== undefined && !takesTopK ? ['top_k'] : []),
    ],
  }
}

/** Claude takes no sampling while it thinks, none from version 4.7 on, and only one of the two from 4.1 on. */
function samplingFor({ temperature }: ModelRequest, family: ModelFamily, thinks: boolean) {
  const all = !(family.name === 'claude' && (thinks || family.version >= 407))
  const both = !(family.name === 'claude' && family.version >= 401)
  return { all, temperature: all, topP: all && (both || temperature === undefined) }
}

function writeFormat({ name, schema, description }: OutputFormat & { type: 'json-schema' }): Record<string, unknown> {
  const jsonSchema = { name, ...(description && { description }), schema: JSON.stringify(schema) }
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } }
}
