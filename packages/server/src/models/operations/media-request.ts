import { parseMember, requireModel } from '../dialects/head-members.ts'
import { parseBody } from '../dialects/parse-body.ts'
import { scanObject } from '../dialects/json-scan.ts'
import type { MediaBody } from './media-path.ts'
import { readForm, writeForm } from './form.ts'
import { readOperationHead } from './operation-head.ts'

export interface MediaRequest {
  /** The name of a Route, or `provider/model`. */
  model: string
  /** The words in it, for an estimate of what they cost. */
  prompt: string
  /** All of it but what is in files. */
  content(): unknown
  /** The request with the name that the model has at a provider. */
  bodyFor(model: string): MediaBody | Promise<MediaBody>
}

/** @throws CausewayError invalid-json, invalid-request */
export const readMediaRequest = (body: Buffer, contentType: string): MediaRequest | Promise<MediaRequest> =>
  /^multipart\/form-data/i.test(contentType) ? readFormRequest(body, contentType) : readJson(body)

function readJson(body: Buffer): MediaRequest {
  const { model, bodyFor } = readOperationHead(body)
  const prompt = scanObject(body, new Set(['prompt', 'input', 'instructions']))
    .members.map(member => parseMember(body, member))
    .filter(value => typeof value === 'string')
    .join('\n')
  return {
    model,
    prompt,
    content: () => parseBody(body),
    bodyFor: name => ({ body: bodyFor(name), contentType: 'application/json' }),
  }
}

/** A form is written anew: the boundary of its parts changes, their contents do not. */
async function readFormRequest(body: Buffer, contentType: string): Promise<MediaRequest> {
  const form = await readForm(body, contentType)
  const prompt = form.get('prompt')
  return {
    model: requireModel(form.get('model')),
    prompt: typeof prompt === 'string' ? prompt : '',
    content: () => [...form.values()].filter(value => typeof value === 'string'),
    async bodyFor(name) {
      form.set('model', name)
      return writeForm(form)
    },
  }
}
