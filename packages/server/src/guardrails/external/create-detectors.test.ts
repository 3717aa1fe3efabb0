import type { ExternalDetector } from '@causeway/contracts'
import { expect, test } from 'vitest'
import { createEgress } from '../../egress/index.ts'
import { detectorServer, wordDetector } from '../testing/detector-server.ts'
import { createDetectors } from './create-detectors.ts'
import { findPieces } from './find-pieces.ts'

const scope = { organisationId: 'organisation', environmentId: 'environment' }

/** Detectors over a server that answers as it is told. */
async function serve(answer: (contents: string[]) => unknown, status = 200) {
  const server = await detectorServer(answer, status)
  const detectors = createDetectors({
    egress: createEgress({ allowed: [new URL(server.url).host] }),
    secrets: { ready: () => undefined, resolve: () => 'sesame' },
  })
  const spec: ExternalDetector = {
    name: 'names',
    url: `${server.url}/`,
    detectorId: 'person',
    parameters: { language: 'en' },
    minimumScore: 0.5,
    token: { secret: 'DETECTOR' },
    timeoutSeconds: 5,
    onFailure: 'block',
  }
  return { ...server, spec, detectors }
}

test('a detector is asked as the detector API says, and once about each text [E1.external-detector]', async () => {
  await using server = await serve(wordDetector('Anna'))
  const ask = (...texts: string[]) => server.detectors.ask(scope, server.spec, texts)
  expect(await ask('Anna was here', 'nobody')).toEqual(
    new Map([
      ['Anna was here', ['Anna']],
      ['nobody', []],
    ]),
  )
  expect(await ask('nobody', 'Ask Anna')).toEqual(
    new Map([
      ['nobody', []],
      ['Ask Anna', ['Anna']],
    ]),
  )
  expect(server.asked).toMatchObject([
    {
      path: '/api/v1/text/contents',
      headers: { 'detector-id': 'person', authorization: 'Bearer sesame' },
      body: { contents: ['Anna was here', 'nobody'], detector_params: { language: 'en' } },
    },
    { body: { contents: ['Ask Anna'] } },
  ])
})

test('a place is counted in characters, what is unsure is left out, and what is nowhere is all of the text', async () => {
  await using server = await serve(() => [
    [{ start: 2, end: 6, score: 1 }],
    [{ start: 0, end: 4, score: 0.4 }],
    [{ start: 90, end: 99, text: 'what it was translated to', score: 1 }],
  ])
  expect(await server.detectors.ask(scope, server.spec, ['😀 Anna', 'Bert', 'böse'])).toEqual(
    new Map([
      ['😀 Anna', ['Anna']],
      ['Bert', []],
      ['böse', ['böse']],
    ]),
  )
})

test.each([
  ['an error', () => ({ message: 'no' }), 500, 'it answered with status 500'],
  ['something else', () => ({ toxic: true }), 200, 'expected array'],
  ['too few answers', () => [], 200, 'it answered for 0 of 1 texts'],
])('%s is no answer', async (_, answer, status, message) => {
  await using server = await serve(answer, status)
  await expect(server.detectors.ask(scope, server.spec, ['Anna'])).rejects.toThrow(message)
})

test('a detector is not asked about more than it can take', async () => {
  await using server = await serve(wordDetector('Anna'))
  await expect(server.detectors.ask(scope, server.spec, ['a'.repeat(1_000_001)])).rejects.toThrow('1000001 characters')
  expect(server.asked).toEqual([])
})

test('a piece is found wherever it stands, unless it is too short to mean anything elsewhere', () => {
  const find = findPieces(
    new Map([
      ['Ask Anna', ['Anna']],
      ['Al', ['Al']],
    ]),
  )
  expect(find('Anna, Anna')).toEqual([
    { from: 0, to: 4 },
    { from: 6, to: 10 },
  ])
  expect(find('Al')).toEqual([{ from: 0, to: 2 }])
  expect(find('Also')).toEqual([])
})
