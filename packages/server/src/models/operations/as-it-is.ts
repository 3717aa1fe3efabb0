import * as z from 'zod'
import { parseMember } from '../dialects/head-members.ts'
import { scanObject } from '../dialects/json-scan.ts'
import { noTokens } from '../token-usage.ts'
import type { OperationDialect } from './operation-dialect.ts'
import { readOperationHead } from './operation-head.ts'

const Usage = z.object({ prompt_tokens: z.number().optional(), total_tokens: z.number().optional() })
const wanted: ReadonlySet<string> = new Set(['usage'])

/** A provider that takes an operation as clients ask for it: all bytes but the name of the model go by as they are. */
export const asItIs: OperationDialect = {
  asItIs: true,
  write: (body, model) => ({ body: readOperationHead(body).bodyFor(model), dropped: [] }),
  read: (_provider, body) => ({ body, usage: usageIn(body) }),
}

function usageIn(body: Buffer) {
  try {
    const [member] = scanObject(body, wanted).members
    const { prompt_tokens: prompt, total_tokens: total } = Usage.parse(member && parseMember(body, member))
    const inputTokens = prompt ?? total
    return inputTokens === undefined ? undefined : { ...noTokens, inputTokens }
  } catch {
    return undefined
  }
}
