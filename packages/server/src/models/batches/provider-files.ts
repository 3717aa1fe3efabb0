import { CausewayError } from '@causeway/contracts'
import type { Database } from '../../database/index.ts'
import type { Caller } from '../../identity/index.ts'
import type { ModelRouter } from '../create-models.ts'
import { isRecord } from '../dialects/head-members.ts'
import { requireAllowed } from '../gateway/require-allowed.ts'
import { writeForm } from '../operations/form.ts'
import { ownerOf, type Owner } from '../owner.ts'
import type { ModelPorts } from '../ports.ts'
import type { FilesRequest, Target } from '../providers/provider-adapter.ts'
import { readAtMost } from '../providers/transport/read-body.ts'
import type { UpstreamResponse } from '../providers/transport/upstream.ts'
import { subjectOf } from '../subject-of.ts'
import { readBatchInput, type BatchTotals } from './batch-input.ts'
import { deleteFile, findFile, insertFile, listFiles, type ListOptions, type StoredFile } from './store.ts'

/** An upload, with what its headers say. */
export interface Upload {
  form: FormData
  /** The provider that is to keep it; needed only where there are several and the file does not say by its requests. */
  provider: string | undefined
  dataClasses: readonly string[]
}

/** Files of clients at providers. Another tenant's are not found. Answers are the provider's own. */
export interface ProviderFiles {
  /** @throws CausewayError invalid-request, policy-denied, guardrail-blocked, no-provider-available, ProviderFailure */
  upload(caller: Caller, upload: Upload, signal: AbortSignal): Promise<Buffer>
  list(caller: Caller, options: ListOptions): Promise<string[]>
  /** @throws CausewayError not-found, ProviderFailure */
  get(caller: Caller, id: string, signal: AbortSignal): Promise<Buffer>
  /** @throws CausewayError not-found, guardrail-blocked, ProviderFailure */
  content(caller: Caller, id: string, signal: AbortSignal): Promise<UpstreamResponse>
  /** @throws CausewayError not-found, ProviderFailure */
  delete(caller: Caller, id: string, signal: AbortSignal): Promise<Buffer>
}

export interface BatchDependencies {
  models: ModelRouter
  database: Database
  ports: ModelPorts
}

/** Bytes of what a provider says of a file or a batch. */
const objectLimit = 1024 * 1024

export function createProviderFiles({ models, database, ports }: BatchDependencies): ProviderFiles {
  const { kysely } = database

  const find = async (caller: Caller, id: string): Promise<{ owner: Owner; file: StoredFile; target: Target }> => {
    const owner = ownerOf(caller)
    const file = isPossible(id) ? await findFile(kysely, owner, id) : undefined
    if (!file) throw new CausewayError('not-found', `There is no file "${id}".`)
    return { owner, file, target: await providerNamed(models, owner, file.provider) }
  }

  /** The requests of a batch, as the provider may have them. */
  const prepareBatch = async (caller: Caller, file: File, told: readonly string[]) => {
    const input = readBatchInput(Buffer.from(await file.arrayBuffer()))
    const target = await batchTarget(models, caller, input)
    const guard = await models.guard(caller, { content: input.contents, dataClasses: told })
    await guard.inspect()
    if (guard.watchesOutput) throw answersUnread()
    const dataClasses = [...guard.dataClasses()]
    await requireAllowed(ports, caller, subjectOf(input.route, target, dataClasses))
    const written = input.write(target.model, body => guard.body(body))
    return { target, dataClasses, input, written }
  }

  const prepareOther = async (caller: Caller, name: string | undefined, told: readonly string[]) => {
    const target = await onlyProvider(models, caller, name)
    const guard = await models.guard(caller, { content: () => undefined, dataClasses: told })
    if (guard.watchesInput)
      throw new CausewayError(
        'guardrail-blocked',
        'A guardrail of this environment looks into what is sent, which it cannot do with a file.',
      )
    await requireAllowed(ports, caller, subjectOf('', target, told))
    return { target, dataClasses: [...told], input: undefined, written: undefined }
  }

  return {
    async upload(caller, { form, provider, dataClasses: told }, signal) {
      const [file, purpose] = [form.get('file'), form.get('purpose')]
      if (!(file instanceof File) || typeof purpose !== 'string' || purpose === '' || purpose.length > 100)
        throw new CausewayError('invalid-request', 'A file is uploaded as a form with a "file" and its "purpose".')
      const { target, dataClasses, input, written } =
        purpose === 'batch' ? await prepareBatch(caller, file, told) : await prepareOther(caller, provider, told)
      if (written) form.set('file', new File([new Uint8Array(written)], file.name, { type: file.type }))
      const body = await writeForm(form)
      const answer = await askProvider(models, target, { method: 'POST', path: '/files', body }, signal)
      const { id } = objectIn(target, answer)
      await insertFile(kysely, ownerOf(caller), {
        id,
        provider: target.provider,
        purpose,
        object: answer.toString('utf8'),
        batch: input ? totalsOf(input) : null,
        dataClasses,
      })
      return answer
    },
    list: (caller, options) => listFiles(kysely, ownerOf(caller), options),
    async get(caller, id, signal) {
      const { target } = await find(caller, id)
      return askProvider(models, target, { method: 'GET', path: `/files/${encodeURIComponent(id)}` }, signal)
    },
    async content(caller, id, signal) {
      const { target } = await find(caller, id)
      // A guardrail may be newer than the batch whose answers these are.
      const guard = await models.guard(caller, { content: () => undefined, dataClasses: [] })
      if (guard.watchesOutput) throw answersUnread()
      return models.files(target, { method: 'GET', path: `/files/${encodeURIComponent(id)}/content` }, { signal })
    },
    async delete(caller, id, signal) {
      const { owner, target } = await find(caller, id)
      const path = `/files/${encodeURIComponent(id)}`
      const answer = await askProvider(models, target, { method: 'DELETE', path }, signal)
      await deleteFile(kysely, owner, id)
      return answer
    },
  }
}

const totalsOf = ({ endpoint, route, requests, inputCharacters, maxOutputTokens }: BatchTotals): BatchTotals => ({
  endpoint,
  route,
  requests,
  inputCharacters,
  maxOutputTokens,
})

export const answersUnread = (): CausewayError =>
  new CausewayError(
    'guardrail-blocked',
    'A guardrail of this environment looks into answers, which it cannot do with those of a batch.',
  )

/** Whether an id could be one: the database takes no NUL, and none is that long. */
export const isPossible = (id: string): boolean => id.length <= 512 && !id.includes('\0')

/** The first target of the route that has batches. @throws CausewayError model-not-found, no-provider-available */
export async function batchTarget(
  models: ModelRouter,
  scope: Owner | Caller,
  { route }: Pick<BatchTotals, 'route'>,
): Promise<Target> {
  const resolved = await models.resolve(scope, route)
  const able = new Set((await models.fileProviders(scope)).map(({ provider }) => provider))
  const target = resolved.targets.find(({ provider, model }) => able.has(provider) && model !== 'auto')
  if (target) return target
  throw new CausewayError('no-provider-available', `No target of "${route}" has batches.`)
}

/** @throws CausewayError no-provider-available when it is not in force any more */
export async function providerNamed(models: ModelRouter, scope: Owner, name: string): Promise<Target> {
  const target = (await models.fileProviders(scope)).find(({ provider }) => provider === name)
  if (target) return target
  throw new CausewayError('no-provider-available', `The provider "${name}" is not in force any more.`)
}

async function onlyProvider(models: ModelRouter, caller: Caller, name: string | undefined): Promise<Target> {
  const able = await models.fileProviders(caller)
  const names = able.map(({ provider }) => provider).join(', ')
  const [first, ...others] = name === undefined ? able : able.filter(({ provider }) => provider === name)
  if (first && others.length === 0) return first
  throw new CausewayError(
    'no-provider-available',
    able.length === 0
      ? 'No provider of this environment has files.'
      : `Name the provider that is to keep the file in the header causeway-provider; these have files: ${names}.`,
  )
}

/** The whole of what a provider says of a file or a batch. @throws ProviderFailure, CausewayError provider-failed */
export async function askProvider(
  models: ModelRouter,
  target: Target,
  request: FilesRequest,
  signal: AbortSignal,
): Promise<Buffer> {
  const { body } = await models.files(target, request, { signal })
  return readAtMost(body, objectLimit)
}

/** @throws CausewayError provider-failed for an answer that is none */
export function objectIn({ provider }: Target, answer: Buffer): Record<string, unknown> & { id: string } {
  try {
    const object: unknown = JSON.parse(answer.toString('utf8'))
    if (isRecord(object) && typeof object['id'] === 'string' && isPossible(object['id']))
      return { ...object, id: object['id'] }
  } catch {
    // Told below, like every other answer that cannot be read.
  }
  throw new CausewayError('provider-failed', `The answer of provider "${provider}" cannot be read.`)
}
