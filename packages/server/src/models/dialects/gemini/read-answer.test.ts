import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { collectAnswer, type CollectedAnswer } from '../../answer-collector.ts'
import { toolCallsOf } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'
import { inPieces } from '../../testing/recordings.ts'
import { gemini } from './index.ts'

async function readText(text: string, pieceSize?: number): Promise<ModelEvent[]> {
  const events: ModelEvent[] = []
  for await (const event of gemini.readStream('google', inPieces(Buffer.from(text), pieceSize))) events.push(event)
  return events
}

const streamOf = (...answers: unknown[]): string =>
  answers.map(answer => `data: ${JSON.stringify(answer)}\r\n\r\n`).join('')

const read = async (...answers: unknown[]): Promise<CollectedAnswer> =>
  collectAnswer(await readText(streamOf(...answers)))

const said = (parts: unknown[], more: object = {}): object => ({ candidates: [{ content: { parts }, ...more }] })
const call = (functionCall: object): object => said([{ functionCall }])
const stop = said([], { finishReason: 'STOP' })

test('a stream without an end is none, and an error in it is thrown in the words of the provider [C1.errors]', async () => {
  expect((await read(said([{ text: 'Half' }]))).finishReason).toBeUndefined()
  const error = { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }
  await expect(read(said([{ text: 'Half' }]), error)).rejects.toThrow('The model is overloaded.')
  // So Google reports errors of a stream that has begun, also to those who asked for events.
  await expect(readText(`[${JSON.stringify(error)}\n]`)).rejects.toThrow('The model is overloaded.')
  await expect(readText(`${streamOf(said([{ text: 'Half' }]))}data: {"candidates":[\r\n\r\n`)).rejects.toThrow(
    'could not be read',
  )
})

test('an answer that the model spoilt is a failure and not an empty answer [C2.gemini]', async () => {
  const spoilt = { finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: 'Malformed function call: print(1)' }
  await expect(read(said([], spoilt))).rejects.toMatchObject({
    code: 'provider-failed',
    message: expect.stringContaining('Malformed function call: print(1)'),
  })
  expect(await read(said([{ text: 'Already said' }]), said([], spoilt))).toMatchObject({ finishReason: 'stop' })
  expect(await read(said([], { finishReason: 'REASON_OF_NEXT_YEAR' }))).toMatchObject({ finishReason: 'stop' })
})

test('a prompt that is blocked, in a stream too, ends in a refusal that a client of any dialect can show [C2.gemini]', async () => {
  const answer = await read({
    promptFeedback: { blockReason: 'PROHIBITED_CONTENT', blockReasonMessage: 'Not that.' },
    usageMetadata: { promptTokenCount: 4 },
  })
  expect(answer).toMatchObject({ finishReason: 'content-filter', usage: { inputTokens: 4, outputTokens: 0 } })
  expect(answer.content).toContainEqual({ type: 'refusal', text: 'Not that.' })
  const head = { requestId: 'r', created: 1, model: 'm', request: {} }
  expect(gemini.writeAnswer(head, answer)).toMatchObject({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } })
})

test('calls without ids get ones that are the same on every reading and differ between calls and answers', async () => {
  const callsIn = async (responseId: string): Promise<string[]> => {
    const answer = await read(
      { responseId, ...call({ name: 'now', args: {} }) },
      { responseId, ...call({ name: 'now', args: {} }) },
      stop,
    )
    return toolCallsOf(answer.content).map(({ callId }) => callId)
  }
  const [first, again, other] = [await callsIn('one'), await callsIn('one'), await callsIn('two')]
  expect(again).toEqual(first)
  expect(new Set([...first, ...other]).size).toBe(4)
})

const leaf = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null))
const key = fc.string({ minLength: 1, maxLength: 6 }).filter(name => !/^-?\d+$/.test(name))
const tree = fc.letrec(tie => ({
  any: fc.oneof({ maxDepth: 3 }, leaf, tie('list'), tie('object')),
  list: fc.array(tie('any'), { minLength: 1, maxLength: 3 }),
  object: fc.dictionary(key, tie('any'), { minKeys: 1, maxKeys: 3 }),
})).object

/** The pieces in which Vertex AI would stream a value. */
function piecesOf(value: unknown, path: string): object[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => piecesOf(item, `${path}[${index}]`))
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, inner]) =>
      piecesOf(inner, /^\w+$/.test(name) ? `${path}.${name}` : `${path}['${name.replaceAll(/['\\]/g, '\\$&')}']`),
    )
  if (typeof value === 'number') return [{ jsonPath: path, numberValue: value }]
  if (typeof value === 'boolean') return [{ jsonPath: path, boolValue: value }]
  if (value === null) return [{ jsonPath: path, nullValue: 'NULL_VALUE' }]
  const text = typeof value === 'string' ? value : ''
  const middle = Math.floor(text.length / 2)
  return [
    { jsonPath: path, stringValue: text.slice(0, middle), willContinue: true },
    { jsonPath: path, stringValue: text.slice(middle) },
  ]
}

test('arguments that are streamed in pieces are put together as they were [C2.gemini]', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async input => {
      const pieces = piecesOf(input, '$').map(piece => call({ partialArgs: [piece], willContinue: true }))
      const answer = await read(call({ name: 'cook', willContinue: true }), ...pieces, call({}), stop)
      expect(toolCallsOf(answer.content)[0]?.arguments).toEqual(JSON.parse(JSON.stringify(input)))
    }),
    { numRuns: 200 },
  )
})

test('pieces from a hostile server reach no prototype, make no giant lists and take no long time [C1.hostile-input]', async () => {
  const hostile = [
    '$.__proto__.polluted',
    "$['constructor'].prototype.polluted",
    '$.list[999999]',
    `$${'.a'.repeat(1000)}`,
    '$',
    'list',
    '$.a..b',
    `$.${'['.repeat(10_000)}`,
  ].map(jsonPath => ({ jsonPath, stringValue: 'x' }))
  const startedAt = performance.now()
  const many = Array.from({ length: 20_000 }, () => ({ jsonPath: '$.text', stringValue: 'ab', willContinue: true }))
  const answer = await read(call({ name: 'f', partialArgs: [...hostile, ...many] }), stop)
  expect(performance.now() - startedAt).toBeLessThan(2000)
  expect({}).not.toHaveProperty('polluted')
  const [{ arguments: input } = { arguments: {} }] = toolCallsOf(answer.content)
  expect(JSON.stringify(input).length).toBeLessThan(50_000)
})

test('a JSON array is cut into its elements wherever its bytes are cut', async () => {
  const answers = [said([{ text: 'brackets ]}{[ and "quotes" \\ ü' }]), said([{ text: '!' }], { finishReason: 'STOP' })]
  for (const size of [1, 2, 3, 7, 1000]) {
    const events = await readText(`\n${JSON.stringify(answers, undefined, 1)}`, size)
    expect(collectAnswer(events).content).toEqual([{ type: 'text', text: 'brackets ]}{[ and "quotes" \\ ü!' }])
    expect(events.at(-1)).toEqual({ type: 'finished', reason: 'stop' })
  }
})
