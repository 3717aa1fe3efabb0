import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core'
import type { SandboxCall, SandboxEnd } from './sandbox.ts'

/** A QuickJS of its own: WebAssembly without imports beyond its own memory. */
export const newEngine = (): Promise<QuickJSWASMModule> =>
  newQuickJSWASMModuleFromVariant(import('@jitl/quickjs-wasmfile-release-sync'))

/** Jobs of promises that are carried out before a program that still waits is given up. */
const jobsAtMost = 100_000

/**
 * Runs a program in a fresh runtime and lets go of it. What it throws, and what it uses up, is an outcome.
 * @throws whatever the engine itself fails with; it must not be used again then
 */
export function runProgram(engine: QuickJSWASMModule, { source, argument, limits }: SandboxCall): SandboxEnd {
  const deadline = Date.now() + limits.timeMs
  const runtime = engine.newRuntime()
  runtime.setMemoryLimit(limits.memoryBytes)
  runtime.setMaxStackSize(limits.stackBytes)
  let late = false
  runtime.setInterruptHandler(() => (late ||= Date.now() > deadline))
  const context = runtime.newContext()
  const handles: QuickJSHandle[] = []
  const keep = (handle: QuickJSHandle): QuickJSHandle => {
    handles.push(handle)
    return handle
  }
  /** What a step gives; throws a Thrown with what the program threw. */
  const valueOf = (result: { value: QuickJSHandle; error?: undefined } | { error: QuickJSHandle }): QuickJSHandle => {
    if (result.error) throw new Thrown(keep(result.error))
    return keep(result.value)
  }
  /** What a promise has become, after its jobs; another value as it is. */
  const settled = (value: QuickJSHandle): QuickJSHandle => {
    const jobs = runtime.executePendingJobs(jobsAtMost)
    if (jobs.error) throw new Thrown(keep(jobs.error))
    const state = context.getPromiseState(value)
    if (state.type === 'fulfilled') return keep(state.value)
    throw new Thrown(keep(state.type === 'rejected' ? state.error : context.newString(waitsForNothing)))
  }
  try {
    // Taken before the program runs, which could put others in their place.
    const json = keep(context.getProp(context.global, 'JSON'))
    const [parse, stringify] = [keep(context.getProp(json, 'parse')), keep(context.getProp(json, 'stringify'))]
    const module = settled(valueOf(context.evalCode(source, 'tool.js', { type: 'module' })))
    const program = keep(context.getProp(module, 'default'))
    if (context.typeof(program) !== 'function')
      return { outcome: 'threw', message: 'The module exports no function as its default.' }
    const text = keep(context.newString(JSON.stringify(argument ?? null)))
    const given = valueOf(context.callFunction(parse, context.undefined, text))
    const result = settled(valueOf(context.callFunction(program, context.undefined, given)))
    const written = valueOf(context.callFunction(stringify, context.undefined, result))
    if (context.typeof(written) !== 'string') return { outcome: 'returned', value: null }
    if (context.getNumber(keep(context.getProp(written, 'length'))) > limits.outputCharacters)
      return { outcome: 'output-too-large' }
    return { outcome: 'returned', value: JSON.parse(context.getString(written)) }
  } catch (error) {
    if (!(error instanceof Thrown)) throw error
    const message = messageOf(context, error.thrown)
    if (late) return { outcome: 'time-used-up' }
    return /out of memory/.test(message) ? { outcome: 'memory-used-up' } : { outcome: 'threw', message }
  } finally {
    for (const handle of handles.toReversed()) if (handle.alive) handle.dispose()
    context.dispose()
    runtime.dispose()
  }
}

const waitsForNothing = 'It waits for something that never comes.'

/** What the program threw. */
class Thrown extends Error {
  readonly thrown: QuickJSHandle
  constructor(thrown: QuickJSHandle) {
    super('the program threw')
    this.thrown = thrown
  }
}

const messageLimit = 2000

function messageOf(context: QuickJSContext, thrown: QuickJSHandle): string {
  if (context.typeof(thrown) === 'string') return context.getString(thrown).slice(0, messageLimit)
  // Getters of the program may run here: its deadline still holds.
  const dumped: unknown = context.dump(thrown)
  if (!(typeof dumped === 'object' && dumped !== null && 'message' in dumped && 'name' in dumped))
    return 'The program threw something that is no error.'
  const { name, message } = dumped
  return typeof message === 'string' && typeof name === 'string'
    ? `${name}: ${message}`.slice(0, messageLimit)
    : 'Error'
}
