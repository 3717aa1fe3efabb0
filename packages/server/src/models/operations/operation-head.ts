import { parseMember, requireModel } from '../dialects/head-members.ts'
import { scanObject } from '../dialects/json-scan.ts'
import { splice } from '../dialects/json-splice.ts'

/** What the gateway needs to know of a request that it hands on. */
export interface OperationHead {
  /** The name of a Route, or `provider/model`. */
  model: string
  /** The body with the name that the model has at a provider; all other bytes are the client's. */
  bodyFor(model: string): Buffer
}

const wanted: ReadonlySet<string> = new Set(['model'])

/** @throws CausewayError invalid-json, invalid-request */
export function readOperationHead(body: Buffer): OperationHead {
  const { members } = scanObject(body, wanted)
  const named = members.at(-1)
  return {
    model: requireModel(named && parseMember(body, named)),
    bodyFor: name =>
      splice(
        body,
        members.map(({ start, end }) => ({ start, end, text: JSON.stringify(name) })),
      ),
  }
}
