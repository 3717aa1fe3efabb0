import type { ArgumentOrigin, Label } from '@causeway/contracts'
import { join, trusted } from './label.ts'
import type { ResultLabels } from './label-result.ts'
import { SaidDates } from './said-dates.ts'
import { SaidTemplates } from './said-templates.ts'
import { leavesOf, placesAt } from './value-pointer.ts'
import { searchable, standsIn, withSpaces } from './words.ts'

/** Where a value comes from, as far as what the model has seen tells. */
export interface ValueTrace {
  origin: ArgumentOrigin
  /** The tools in whose results it stands. */
  from: string[]
}

interface Seen {
  tool: string
  integrity: Label['integrity']
  text: string
}

const worst: readonly ArgumentOrigin[] = ['user-stated', 'trusted', 'untrusted', 'model-made']

/** All that the model has seen in a session. What it has seen once it has seen for good. */
export class SeenValues {
  #context: Label = trusted
  readonly #userTexts: string[] = []
  readonly #said: string[] = []
  readonly #dates = new SaidDates()
  readonly #templates = new SaidTemplates()
  readonly #results: Seen[] = []

  /** The label of all of it together. */
  get context(): Label {
    return this.#context
  }

  /** What users have said. */
  get userTexts(): readonly string[] {
    return this.#userTexts
  }

  addUserText(text: string): void {
    this.#userTexts.push(text)
    this.#said.push(searchable([withSpaces(text)]))
    this.#dates.add(text)
    this.#templates.add(text)
  }

  addResult(tool: string, output: unknown, labels: ResultLabels): void {
    this.#context = join(this.#context, labels.label)
    this.addUnread(tool, output, labels)
  }

  /** What a tool has said that the model was not shown: where values come from is known, and the model has seen nothing. */
  addUnread(tool: string, output: unknown, { label, parts }: ResultLabels): void {
    const pointers = new Set(parts.map(({ pointer }) => pointer))
    const own = (integrity: Label['integrity'], values: readonly string[]): void => {
      if (values.length > 0) this.#results.push({ tool, integrity, text: searchable(values) })
    }
    for (const {
      pointer,
      label: { integrity },
      modelMade,
    } of parts)
      for (const { value } of pointer === '' || modelMade ? [] : placesAt(output, pointer))
        own(integrity, leavesOf(value))
    own(
      label.integrity,
      leavesOf(output, pointer => pointers.has(pointer)),
    )
  }

  /** Of several values together the worst origin. */
  trace(value: unknown): ValueTrace {
    const traces = leavesOf(value).map(leaf => this.#traceLeaf(leaf))
    if (traces.length === 0) return { origin: isEmpty(value) ? 'user-stated' : 'model-made', from: [] }
    const origin = worst[Math.max(...traces.map(trace => worst.indexOf(trace.origin)))] ?? 'model-made'
    return { origin, from: [...new Set(traces.flatMap(({ from }) => from))] }
  }

  /** The 13 of "June 13" is no number that was said: it could pass for that of something else. */
  #wasSaid(leaf: string): boolean {
    if (!this.#said.some(text => standsIn(text, leaf))) return false
    return !isNumber.test(leaf) || this.#dates.besides().some(text => standsIn(searchable([text]), leaf))
  }

  /** What a user had left open is filled with what can be relied on; the rest of the value was said. */
  #fromTemplate(leaf: string): ValueTrace | undefined {
    for (const filling of this.#templates.fillings(leaf)) {
      const traces = filling.map(each => this.#traceWhole(each))
      if (traces.every(({ origin }) => origin === 'user-stated' || origin === 'trusted'))
        return { origin: 'trusted', from: [...new Set(traces.flatMap(({ from }) => from))] }
    }
    return undefined
  }

  #traceLeaf(leaf: string): ValueTrace {
    const trace = this.#traceWhole(leaf)
    return trace.origin === 'user-stated' || trace.origin === 'trusted' ? trace : (this.#fromTemplate(leaf) ?? trace)
  }

  #traceWhole(leaf: string): ValueTrace {
    if (leaf.trim() === '' || this.#wasSaid(leaf) || this.#dates.say(leaf)) return { origin: 'user-stated', from: [] }
    const holding = this.#results.filter(({ text }) => standsIn(text, leaf))
    const relied = holding.filter(({ integrity }) => integrity !== 'untrusted')
    const from = [...new Set((relied.length > 0 ? relied : holding).map(({ tool }) => tool))]
    return { origin: relied.length > 0 ? 'trusted' : holding.length > 0 ? 'untrusted' : 'model-made', from }
  }
}

const isNumber = /^\s*-?[\d,]+(\.\d+)?\s*$/

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0)
