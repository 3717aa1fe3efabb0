import type { RehearsalTurn } from '@causeway/contracts'
import { textOf } from '../../content.ts'
import type { ModelMessage } from '../../model-request.ts'
import type { SpecOf } from '../provider-adapter.ts'

/** The scripted answer to give, with what the pattern captured in the user's message. */
export interface ChosenTurn {
  turn: RehearsalTurn
  match: readonly string[]
  /** Place of the turn in its conversation, from 0. */
  turnIndex: number
}

// A pattern is written by a developer and run on text from anyone: the bound keeps a pattern that backtracks from stalling the process.
const matchedCharacters = 4000

/**
 * Finds the turn: the first conversation whose pattern fits the last user message, and in it one turn for each answer
 * since then. Beyond the last turn the last one is repeated.
 */
export function chooseTurn(spec: SpecOf<'rehearsal'>, messages: readonly ModelMessage[]): ChosenTurn {
  const lastUser = messages.findLastIndex(({ role }) => role === 'user')
  const text = textOf(messages[lastUser]?.content ?? []).slice(0, matchedCharacters)
  const answers = messages.slice(lastUser + 1).filter(({ role }) => role === 'assistant').length
  for (const conversation of spec.conversations) {
    const match = matchOf(conversation.match, text)
    if (match) return pick(conversation.turns, answers, match)
  }
  return pick(spec.otherwise, answers, [text])
}

function pick(turns: readonly RehearsalTurn[], answers: number, match: readonly string[]): ChosenTurn {
  const turnIndex = Math.min(answers, turns.length - 1)
  return { turn: turns[turnIndex] ?? {}, match, turnIndex }
}

/** A pattern that is no regular expression fits nothing. */
function matchOf(pattern: string, text: string): string[] | undefined {
  try {
    return new RegExp(pattern, 'i').exec(text)?.map(group => group ?? '')
  } catch {
    return undefined
  }
}
