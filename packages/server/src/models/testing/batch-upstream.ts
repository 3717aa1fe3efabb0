import { answerJson, fakeUpstream, type FakeUpstream, type ReceivedRequest } from './fake-upstream.ts'

export interface BatchUpstream extends FakeUpstream {
  /** What was uploaded, by the id of the file. */
  readonly files: ReadonlyMap<string, string>
  /** Ends a batch with what it puts out, one line each. */
  end(batch: string, output: readonly object[], errors?: readonly object[]): void
}

/** The file and batch interfaces of OpenAI. */
export async function batchUpstream(): Promise<BatchUpstream> {
  const files = new Map<string, string>()
  const batches = new Map<string, object>()
  let made = 0

  const fileOf = (id: string): object => ({
    id,
    object: 'file',
    bytes: files.get(id)?.length ?? 0,
    created_at: 1,
    filename: 'requests.jsonl',
    purpose: 'batch',
  })
  const upload = ({ body }: ReceivedRequest): object => {
    const id = `file-${++made}`
    files.set(id, /name="file"[^]*?\r\n\r\n([^]*?)\r\n--/.exec(body)?.[1] ?? '')
    return fileOf(id)
  }
  const begin = ({ body }: ReceivedRequest): object => {
    const id = `batch_${++made}`
    const batch = { id, object: 'batch', status: 'in_progress', created_at: 1, ...(JSON.parse(body) as object) }
    batches.set(id, batch)
    return batch
  }
  const upstream = await fakeUpstream((response, request) => {
    const [, of, id = '', part] = /^\/v1\/(files|batches)(?:\/([^/]+))?(?:\/(\w+))?$/.exec(request.url) ?? []
    if (request.method === 'POST' && of === 'files') return answerJson(response, upload(request))
    if (request.method === 'POST' && of === 'batches' && !id) return answerJson(response, begin(request))
    if (of === 'files' && files.has(id)) {
      if (part === 'content') return response.end(files.get(id))
      if (request.method === 'DELETE') files.delete(id)
      return answerJson(response, request.method === 'DELETE' ? { id, object: 'file', deleted: true } : fileOf(id))
    }
    const batch = batches.get(id)
    if (!batch) return answerJson(response, { error: { message: 'no such thing' } }, 404)
    if (part === 'cancel') batches.set(id, { ...batch, status: 'cancelling' })
    return answerJson(response, batches.get(id))
  })
  const keep = (lines: readonly object[]): string => {
    const id = `file-${++made}`
    files.set(id, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    return id
  }
  return Object.assign(upstream, {
    files,
    end(id: string, output: readonly object[], errors: readonly object[] = []) {
      batches.set(id, {
        ...batches.get(id),
        status: 'completed',
        output_file_id: keep(output),
        error_file_id: errors.length > 0 ? keep(errors) : null,
      })
    },
  })
}
