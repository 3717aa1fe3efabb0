import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { createSandbox } from './create-sandbox.ts'
import type { SandboxEnd, SandboxLimits } from './sandbox.ts'

const sandbox = createSandbox({ workers: 2 })
afterAll(() => sandbox.close())

const limits: SandboxLimits = {
  timeMs: 300,
  memoryBytes: 16 * 1024 * 1024,
  stackBytes: 256 * 1024,
  outputCharacters: 10_000,
}
const never = new AbortController().signal
const run = (source: string, argument: unknown = {}): Promise<SandboxEnd> =>
  sandbox.run({ source, argument, limits }, never)
const body = (statements: string): Promise<SandboxEnd> => run(`export default (input) => { ${statements} }`)

/** Programs that try to get out, to get hold of something, or to leave something behind. What they may get is nothing. */
const escapes: [what: string, expression: string][] = [
  ['process', 'typeof process'],
  ['require', 'typeof require'],
  ['global of Node', 'typeof global'],
  ['Buffer', 'typeof Buffer'],
  ['fetch', 'typeof fetch'],
  ['XMLHttpRequest', 'typeof XMLHttpRequest'],
  ['WebAssembly', 'typeof WebAssembly'],
  ['SharedArrayBuffer of a host', 'typeof Worker'],
  ['timers', 'typeof setTimeout'],
  ['std of QuickJS', 'typeof std'],
  ['os of QuickJS', 'typeof os'],
  ['scriptArgs', 'typeof scriptArgs'],
  ['loadScript', 'typeof loadScript'],
  ['parentPort', 'typeof parentPort'],
  ['postMessage', 'typeof postMessage'],
  ['the constructor of a function', '(() => 1).constructor("return typeof process")()'],
  ['an indirect eval', '(0, eval)("typeof process")'],
  ['the global of a function', '(function () { return typeof (this ?? {}).process })()'],
  [
    'the error of the host',
    '(() => { try { null.x } catch (e) { return typeof e.constructor.constructor("return process") === "function" ? typeof globalThis.process : "" } })()',
  ],
  [
    'Error.prepareStackTrace',
    '(() => { Error.prepareStackTrace = (e, frames) => frames; const s = new Error().stack; return typeof (s && s[0] && s[0].getThis) })()',
  ],
]

/** Programs that use up what they can. */
const bombs: [what: string, statements: string][] = [
  ['a loop', 'while (true);'],
  ['a loop that catches', 'while (true) { try { throw 1 } catch {} }'],
  ['a loop in finally', 'for (;;) { try { return 1 } finally { continue } }'],
  ['a sort that never agrees', '[1, 2, 3].sort(() => { while (true); })'],
  ['a getter', 'return { get x() { while (true); } }'],
  ['toJSON', 'return { toJSON() { while (true); } }'],
  ['a proxy', 'return new Proxy({}, { ownKeys() { while (true); } })'],
  ['a regular expression', 'return /^(a+)+$/.test("a".repeat(40) + "b")'],
  ['a generator', 'function* g() { while (true) yield 1 } for (const x of g());'],
  ['promises', 'const next = () => Promise.resolve().then(next); return next()'],
  ['an async loop', 'return (async () => { for (;;) await 0 })()'],
  ['a message that never ends', 'throw { get message() { while (true); } }'],
  ['a string that doubles', 'let s = "x"; while (true) s += s'],
  ['an array', 'const a = []; while (true) a.push(new Array(1000))'],
  ['an array buffer', 'const a = []; while (true) a.push(new ArrayBuffer(1e7))'],
  ['a map', 'const m = new Map(); for (let i = 0; ; i++) m.set(i, "x".repeat(100))'],
  ['recursion', 'const f = n => f(n + 1) + 1; return f(0)'],
  ['recursion in JSON', 'let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; return o'],
  ['deep source', 'return eval("[".repeat(1e5))'],
  ['a large integer', 'let n = 3n; while (true) n = n * n'],
  ['repeat', 'return "x".repeat(2 ** 30)'],
  ['padding', 'return "x".padEnd(2 ** 30)'],
  ['join', 'return new Array(2 ** 28).join("x")'],
  ['symbols', 'const a = []; while (true) a.push(Symbol(a.length))'],
]

describe('the sandbox', () => {
  test('gives back what a program makes of its argument, also later [B4.sandboxed-code]', async () => {
    expect(await run('export default ({ a, b }) => ({ sum: a + b })', { a: 1, b: 2 })).toEqual({
      outcome: 'returned',
      value: { sum: 3 },
    })
    expect(await run('export default async ({ a }) => [await a, "é"]', { a: 1 })).toMatchObject({ value: [1, 'é'] })
    expect(await body('')).toEqual({ outcome: 'returned', value: null })
    expect(await body('throw new TypeError("no such order")')).toEqual({
      outcome: 'threw',
      message: 'TypeError: no such order',
    })
    expect(await run('export default 1')).toMatchObject({ outcome: 'threw' })
    expect(await run('export defaul')).toMatchObject({
      outcome: 'threw',
      message: expect.stringContaining('SyntaxError') as string,
    })
    expect(await run('import fs from "fs"; export default () => 1')).toMatchObject({ outcome: 'threw' })
    expect(await body('return "x".repeat(20000)')).toEqual({ outcome: 'output-too-large' })
  })

  test.each(escapes)('has no %s [B5.no-host-access]', async (_what, expression) => {
    const end = await body(`return ${expression}`)
    expect(end).toEqual({ outcome: 'returned', value: 'undefined' })
  })

  test.each(bombs)('ends %s, and the next call is as ever [B5.resource-limits]', async (_what, statements) => {
    const before = performance.now()
    const end = await body(statements)
    expect(end.outcome).not.toBe('returned')
    expect(performance.now() - before).toBeLessThan(3000)
    expect(await body('return 1')).toEqual({ outcome: 'returned', value: 1 })
  })

  test('keeps nothing from one call to the next: prototypes and globals are fresh [B5.no-host-access]', async () => {
    await body(
      'Object.prototype.x = 1; globalThis.y = 2; JSON.parse = () => ({ stolen: true }); Array.prototype.map = null',
    )
    expect(await body('return [typeof ({}).x, typeof y, [1].map(z => z), JSON.parse("1")]')).toMatchObject({
      value: ['undefined', 'undefined', [1], 1],
    })
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
    const polluted = await body('return JSON.parse(\'{"__proto__": {"admin": true}}\')')
    expect(polluted).toMatchObject({ outcome: 'returned' })
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  test('a program that is given up ends, and a caller that waits can leave [B5.resource-limits]', async () => {
    const leave = new AbortController()
    const slow = {
      source: 'export default () => { while (true); }',
      argument: {},
      limits: { ...limits, timeMs: 60_000 },
    }
    const runs = Array.from({ length: 4 }, () => sandbox.run(slow, leave.signal).catch((error: unknown) => error))
    await sleep(50)
    leave.abort(new Error('left'))
    expect((await Promise.all(runs)).map(String)).toEqual(Array.from({ length: 4 }, () => 'Error: left'))
    expect(await body('return 1')).toEqual({ outcome: 'returned', value: 1 })
  })

  test('does not hold up who is beside it while it is attacked [B5.resource-limits]', async () => {
    const attack = Promise.all(bombs.slice(0, 8).map(([, statements]) => body(statements)))
    let longest = 0
    const attacked = new AbortController()
    void attack.finally(() => attacked.abort())
    while (!attacked.signal.aborted) {
      const before = performance.now()
      await sleep(1)
      longest = Math.max(longest, performance.now() - before)
    }
    expect(longest).toBeLessThan(500)
  })
})
