import type { EventData, LiveFrame, Question, SessionEvent } from '@causeway/contracts'

/** A piece of what the model says in a step. */
export interface TextPiece {
  step: number
  text: string
}

/** The texts of the steps of a run, each once. Live frames may be missing, of a run that works elsewhere: the event has all of a text. */
export function createTextOfSteps(): { in(each: SessionEvent | LiveFrame): TextPiece | undefined } {
  const told = new Map<number, string>()
  const tell = (step: number, text: string): TextPiece | undefined => {
    if (text === '') return undefined
    told.set(step, (told.get(step) ?? '') + text)
    return { step, text }
  }
  return {
    in(each) {
      if (each.type === 'text-delta') return tell(each.step, each.text)
      if (each.type !== 'model-responded') return undefined
      const { step, text } = each.data
      const already = told.get(step) ?? ''
      return text.startsWith(already) ? tell(step, text.slice(already.length)) : undefined
    },
  }
}

/** What somebody is told who talks to an agent that waits for a person. */
export const needsApproval = ({
  approvalId,
  tool,
}: Pick<EventData<'approval-requested'>, 'approvalId' | 'tool'>): string =>
  `A person must decide first whether ${tool} is called (${approvalId}). Ask again when that is done.`

/** A question to the user, with its options as a list. */
export const questionText = ({ question, options = [] }: Question): string =>
  [question, ...options.map(option => `- ${option}`)].join('\n')
