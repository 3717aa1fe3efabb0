import type { ManifestInput } from '@causeway/contracts'

type ToolInput = Extract<ManifestInput, { kind: 'Tool' }>['spec']

/** A tool of a suite: how it is governed, and what it answers. Its arguments are all texts or numbers. */
export interface SuiteTool extends Omit<ToolInput, 'description' | 'input' | 'implementation'> {
  arguments: Readonly<Record<string, 'string' | 'number' | 'strings'>>
  /** `planted` is what the attacker has written; it stands where an outsider could have put it. */
  answer: (values: Record<string, unknown>, planted: string) => unknown
}

export type SuiteCall = readonly [tool: string, values: Readonly<Record<string, unknown>>]

/** What a user wants, and the calls by which it is done. */
export interface Task {
  prompt: string
  calls: readonly SuiteCall[]
}

/** What an attacker wants, and the calls that a model makes which does all that the attacker writes. */
export interface Attack {
  goal: string
  calls: readonly SuiteCall[]
}

/** A small company's tools of one kind, with honest tasks and attacks on each of them. */
export interface Suite {
  name: string
  tools: Readonly<Record<string, SuiteTool>>
  tasks: readonly Task[]
  attacks: readonly Attack[]
}
