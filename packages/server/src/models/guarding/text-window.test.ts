import { array, assert, constantFrom, integer, lorem, oneof, property, string } from 'fast-check'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createEgress } from '../../egress/index.ts'
import { manifestsOf } from '../testing/manifests-of.ts'
import { createGuardrails } from '../../guardrails/index.ts'
import { createCallGuard, type CallGuard } from './call-guard.ts'
import { createTextWindow } from './text-window.ts'

const scope = { organisationId: 'organisation', environmentId: 'environment' }
const watches = await createGuardrails({
  logger: pino({ level: 'silent' }),
  egress: createEgress({ allowed: [] }),
  secrets: { ready: () => undefined, resolve: () => '' },
  manifests: manifestsOf({
    kind: 'Guardrail',
    name: 'personal',
    spec: {
      detectors: ['payment-card', 'email', 'credential', 'iban'],
      patterns: [{ name: 'customer', match: 'C-[0-9]{6}' }],
      at: ['output'],
      action: 'redact',
    },
  }),
}).inForce(scope)

const countsOf = (guard: CallGuard): Record<string, number> =>
  Object.fromEntries(guard.findings().map(({ detector, count }) => [detector, count]))

const found = [
  '4111 1111 1111 1111',
  '5555555555554444',
  'anna@example.com',
  'C-123456',
  'DE89 3704 0044 0532 0130 00',
  `ghp_${'a1B2'.repeat(9)}`,
  `-----BEGIN PRIVATE KEY-----\n${'MIIE '.repeat(500)}\n-----END PRIVATE KEY-----`,
]
const words = oneof(
  lorem({ maxCount: 60, mode: 'words' }),
  string({ unit: 'grapheme', maxLength: 30 }),
  constantFrom('12', '2026-11-27', 'C-12', '你好世界', '👩‍👩‍👧'),
)

test('however an answer is cut into pieces, its client gets what it would of the whole [C6.redaction]', () => {
  assert(
    property(
      array(oneof(words, constantFrom(...found)), { maxLength: 30 }),
      array(integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }),
      (parts, lengths) => {
        const text = parts.join(' ')
        const guard = createCallGuard({
          watches,
          look: () => Promise.resolve({ watches: [] }),
          content: () => '',
          dataClasses: [],
        })
        const window = createTextWindow(guard)
        let streamed = ''
        for (let at = 0, turn = 0; at < text.length; turn++) {
          const length = lengths[turn % lengths.length] ?? 1
          const piece = window.push(text.slice(at, at + length))
          // Half a character would be lost on its way as bytes.
          expect(Buffer.from(piece).toString()).toBe(piece.toWellFormed())
          streamed += piece
          at += length
        }
        streamed += window.end()
        const whole = createCallGuard({
          watches,
          look: () => Promise.resolve({ watches: [] }),
          content: () => '',
          dataClasses: [],
        })
        expect(streamed).toBe(whole.output(text, whole.look(text)))
        expect(countsOf(guard)).toEqual(countsOf(whole))
        for (const each of found) expect(streamed).not.toContain(each)
      },
    ),
    { numRuns: 200 },
  )
})
