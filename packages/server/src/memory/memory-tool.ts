import { CausewayError, type MemoryImplementation, type MemoryScope, type MemoryStoreSpec } from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import * as z from 'zod'
import { storable, type Database } from '../database/index.ts'
import { join, trusted } from '../labels/index.ts'
import type { Manifests } from '../manifests/index.ts'
import { LabelledOutput, type AttemptTool, type ToolCall } from '../tools/index.ts'
import {
  countMemories,
  forgetMemory,
  insertMemory,
  lockOwner,
  memoryToReplace,
  recallMemories,
  replaceMemory,
  type Owner,
} from './store.ts'

const Remembered = z.object({
  text: z.string().trim().min(1).max(2000),
  key: z.string().trim().min(1).max(100).optional(),
})
const Recalled = z.object({
  about: z.string().max(1000).optional(),
  limit: z.number().int().min(1).max(50).default(20),
})
const Forgotten = z.object({ id: z.string().max(100) })

/** Words of what is asked about that are looked for at the most. */
const wordsAtMost = 20
const dayMs = 86_400_000

interface Dependencies {
  database: Database
  manifests: Manifests
}

type MemoryCall = ToolCall & { spec: { implementation: MemoryImplementation } }

/** Keeps, finds and drops memories, with the label of all that the model had seen when it had something remembered. */
export function createMemoryTool(dependencies: Dependencies): AttemptTool {
  return async call => {
    if (!isOfMemory(call)) throw new CausewayError('internal', `${call.tool} is no memory.`)
    const { store } = call.spec.implementation
    const found = await dependencies.manifests.active(call.scope, 'MemoryStore', store)
    if (!found) throw new CausewayError('tool-failed', `There is no MemoryStore ${store} here.`)
    const { spec } = found.manifest
    const owner = { scope: call.scope, store, owner: ownerIn(spec.scope, call) }
    switch (call.spec.implementation.operation) {
      case 'remember':
        return remember(dependencies, call, owner, spec)
      case 'recall':
        return recall(dependencies, call, owner)
      case 'forget':
        return forget(dependencies, call, owner)
    }
  }
}

const isOfMemory = (call: ToolCall): call is MemoryCall => call.spec.implementation.type === 'memory'

/** Nobody has memories outside of a run, such as in a contract test. */
function ownerIn(scope: MemoryScope, { onBehalfOf }: ToolCall): string {
  switch (scope) {
    case 'person':
      return onBehalfOf?.user ?? ''
    case 'agent':
      return onBehalfOf?.agent ?? ''
    case 'environment':
      return ''
  }
}

async function remember(
  { database }: Dependencies,
  call: MemoryCall,
  owner: Owner,
  { entries, keepDays }: MemoryStoreSpec,
): Promise<unknown> {
  const { seen, onBehalfOf, runId, effectKey } = call
  if (!seen || !onBehalfOf || runId === null)
    throw new CausewayError('tool-failed', `${call.tool} remembers only what is said in a run.`)
  const { text, key = null } = argumentsOf(call, Remembered)
  const memory = {
    key,
    text,
    label: seen.label,
    modelMade: !seen.isSaid(text),
    person: onBehalfOf.user,
    agent: onBehalfOf.agent,
    sessionId: seen.sessionId,
    runId,
    effectKey,
    expiresAt: keepDays === undefined ? null : new Date(Date.now() + keepDays * dayMs),
  }
  return database.transaction(async transaction => {
    await lockOwner(transaction, owner)
    const before = await memoryToReplace(transaction, owner, memory)
    if (before) {
      if (before.effectKey !== effectKey) await replaceMemory(transaction, owner, before.id, memory)
      return { id: before.id, replaced: before.effectKey !== effectKey }
    }
    if ((await countMemories(transaction, owner)) >= entries)
      throw new CausewayError(
        'tool-failed',
        `The memory is full: it has ${entries} entries. Forget one, or use the key of one that this replaces.`,
      )
    const id = `mem_${uuid()}`
    await insertMemory(transaction, owner, { id, ...memory })
    return { id, replaced: false }
  })
}

/** What the run of another person had remembered is what anybody may have said to this one. */
async function recall({ database }: Dependencies, call: MemoryCall, owner: Owner): Promise<LabelledOutput> {
  const { about = '', limit } = argumentsOf(call, Recalled)
  const words = [...new Set(about.toLowerCase().match(/[\p{L}\p{N}]{1,50}/gu))].slice(0, wordsAtMost)
  const memories = await recallMemories(database.kysely, owner, { words, limit })
  return new LabelledOutput(
    {
      memories: memories.map(({ id, key, text, updatedAt }) => ({
        id,
        ...(key !== null && { key }),
        text,
        at: updatedAt,
      })),
    },
    memories.flatMap(({ label, modelMade, key, person }, index) => {
      const own = person === call.onBehalfOf?.user ? label : join(label, { ...trusted, integrity: 'untrusted' })
      const at = `/memories/${index}`
      return [
        { pointer: `${at}/text`, label: own, ...(modelMade && { modelMade }) },
        // Whatever the text is, its name was chosen by the model.
        ...(key === null ? [] : [{ pointer: `${at}/key`, label: own, modelMade: true }]),
      ]
    }),
  )
}

async function forget({ database }: Dependencies, call: MemoryCall, owner: Owner): Promise<unknown> {
  const { id } = argumentsOf(call, Forgotten)
  return { forgotten: await forgetMemory(database.kysely, owner, id) }
}

function argumentsOf<Schema extends z.ZodType>({ tool, arguments: values }: ToolCall, schema: Schema): z.infer<Schema> {
  const read = schema.safeParse(JSON.parse(storable(JSON.stringify(values))))
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new CausewayError(
    'tool-failed',
    `${tool} cannot be called like this: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
  )
}
