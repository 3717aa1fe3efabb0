import { CausewayError, type GuardrailFinding } from '@causeway/contracts'
import { mapStrings, matchesIn, redacted, type Looked, type Match, type Watches } from '../../guardrails/index.ts'
import { parseBody } from '../dialects/parse-body.ts'

/** The guardrails of one call. Everything that goes to a provider or comes from one passes here. */
export interface CallGuard {
  readonly version: string
  readonly watchesInput: boolean
  readonly watchesOutput: boolean
  /** Whether all that the client sent may go to a provider as it is. */
  isClean(): boolean
  /** The classes of the data in what the client sent: those that it told, and those that were found. */
  dataClasses(): readonly string[]
  /** What has been found so far. */
  findings(): GuardrailFinding[]
  /** Looks into what the client sent, once and before anything of it is asked for here. @throws CausewayError guardrail-blocked, and what reading it throws */
  inspect(): Promise<void>
  /** The value as a provider may have it. @throws CausewayError guardrail-blocked */
  input<Value>(value: Value): Value
  /** The same for a body of JSON. */
  body(body: Buffer): Buffer
  /** What is found in a piece of an answer. @throws CausewayError guardrail-blocked */
  look(text: string): Match[]
  /** The text up to `end` as the client may have it. */
  output(text: string, matches: readonly Match[], end?: number): string
}

export interface GuardOptions {
  watches: Watches
  /** Asks the detectors that are elsewhere about what the client sent. */
  look: (value: unknown) => Promise<Looked>
  /** All that the client sent, to be looked into only where there are guardrails. */
  content: () => unknown
  /** What the client says that its data is. */
  dataClasses: readonly string[]
}

export function createCallGuard({ watches, look, content, dataClasses: told }: GuardOptions): CallGuard {
  const watchesInput = watches.input.here.length + watches.input.elsewhere.length > 0
  const output = watches.output.here
  let looked: Looked = { watches: watches.input.here }
  const counts = new Map<string, GuardrailFinding>()
  const dataClasses = new Set(told)
  /** Texts that were looked into. They come again with every attempt. */
  const known = new Map<string, string>()

  const note = (matches: readonly Match[], at: GuardrailFinding['at']): void => {
    for (const { guardrail, detector, action } of matches) {
      const key = `${guardrail} ${detector} ${at}`
      const finding = counts.get(key) ?? { guardrail, detector, at, action, count: 0 }
      counts.set(key, { ...finding, count: finding.count + 1 })
    }
    const blocking = matches.find(({ action }) => action === 'block')
    if (blocking) throw blockedBy(blocking, at)
  }

  const replace = (text: string): string => {
    const before = known.get(text)
    if (before !== undefined) return before
    const matches = matchesIn(text, looked.watches)
    for (const { dataClass } of matches) if (dataClass !== undefined) dataClasses.add(dataClass)
    note(matches, 'input')
    const clean = redacted(text, matches)
    known.set(text, clean)
    return clean
  }
  const input = <Value>(value: Value): Value => (watchesInput ? mapStrings(value, replace) : value)

  let inspected = !watchesInput
  let clean = !watchesInput

  return {
    version: watches.version,
    watchesInput,
    watchesOutput: output.length > 0,
    isClean: () => clean,
    dataClasses: () => [...dataClasses],
    findings: () => [...counts.values()],
    async inspect() {
      if (inspected) return
      const sent = content()
      looked = await look(sent)
      if (looked.unseen !== undefined)
        throw new CausewayError('guardrail-blocked', `The request is refused: ${looked.unseen}.`)
      clean = input(sent) === sent
      inspected = true
    },
    input,
    body(body) {
      if (clean) return body
      const value = parseBody(body)
      const allowed = input(value)
      return allowed === value ? body : Buffer.from(JSON.stringify(allowed))
    },
    look(text) {
      const matches = matchesIn(text, output)
      const blocking = matches.filter(({ action }) => action === 'block')
      if (blocking.length > 0) note(blocking, 'output')
      return matches
    },
    output(text, matches, end = text.length) {
      const passed = matches.filter(({ to }) => to <= end)
      note(passed, 'output')
      return redacted(text, matches, end)
    },
  }
}

const blockedBy = ({ guardrail, detector }: Match, at: GuardrailFinding['at']): CausewayError =>
  new CausewayError(
    'guardrail-blocked',
    `The guardrail "${guardrail}" blocks the ${at === 'input' ? 'request' : 'answer'}: it has a ${detector}.`,
  )
