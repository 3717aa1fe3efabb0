import type { SpecOf } from '../provider-adapter.ts'

type Spec = SpecOf<'bedrock'>

const endpoint = ({ baseUrl, awsRegion }: Spec): string =>
  baseUrl?.replace(/\/+$/, '') ?? `https://bedrock-runtime.${awsRegion}.amazonaws.com`

/** @param model the id of a model or a profile, or an ARN, whose slashes and colons are part of one segment of the path */
export const converseUrl = (spec: Spec, model: string, stream: boolean): string =>
  `${endpoint(spec)}/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`
