import type { OutgoingCall } from '../http-provider.ts'
import type { SpecOf } from '../provider-adapter.ts'

type Spec = SpecOf<'bedrock'>

/** @param service the first part of the name of the host; a base URL of one's own stands for all of them */
const endpoint = ({ baseUrl, awsRegion }: Spec, service: string): string =>
  baseUrl?.replace(/\/+$/, '') ?? `https://${service}.${awsRegion}.amazonaws.com`

/** @param model the id of a model or a profile, or an ARN, whose slashes and colons are part of one segment of the path */
export function bedrockUrl(
  spec: Spec,
  model: string,
  { operation, stream }: Pick<OutgoingCall, 'operation' | 'stream'>,
): string {
  if (operation === 'rerank') return `${endpoint(spec, 'bedrock-agent-runtime')}/rerank`
  const method = operation === 'embed' ? 'invoke' : stream ? 'converse-stream' : 'converse'
  return `${endpoint(spec, 'bedrock-runtime')}/model/${encodeURIComponent(model)}/${method}`
}
