import type { CallGuard } from './call-guard.ts'

/** Characters at the end of what has come that are held back, because what is looked for may go on in the next piece. */
const held = 512
/** Characters that are held back at the most, for a word that does not end. */
const longestHeld = 8192
/** Characters before what is held back, by which it is told whether a word begins there. */
const lookedBack = 64

const inWord = /[\w.+/=@-]/

/** Lets a text through that comes in pieces, as far as nothing can be found in it any more. */
export interface TextWindow {
  /** What of the text can go on. @throws CausewayError guardrail-blocked */
  push(piece: string): string
  /** The rest of the text, which ends here. */
  end(): string
}

export function createTextWindow(guard: Pick<CallGuard, 'look' | 'output'>): TextWindow {
  let sent = ''
  let waiting = ''

  const release = (text: string, chooseEnd: (found: ReturnType<CallGuard['look']>) => number): string => {
    const matches = guard.look(text).filter(({ to }) => to > sent.length)
    const end = chooseEnd(matches)
    // What began before is cut there: it was longer than anything that is held back.
    const own = matches.map(match => ({
      ...match,
      from: Math.max(match.from, sent.length) - sent.length,
      to: match.to - sent.length,
    }))
    const released = guard.output(text.slice(sent.length), own, end - sent.length)
    waiting = text.slice(end)
    sent = text.slice(Math.max(0, end - lookedBack), end)
    return released
  }

  return {
    push(piece) {
      const text = sent + waiting + piece
      return release(text, matches => {
        let end = Math.max(sent.length, text.length - held)
        const earliest = Math.max(sent.length, text.length - longestHeld)
        while (end > earliest && inWord.test(text[end - 1] ?? '')) end--
        for (const { from, to } of matches.toSorted((one, other) => other.from - one.from))
          if (from < end && end < to) end = Math.max(sent.length, from)
        return isLowSurrogate(text.charCodeAt(end)) && end > sent.length ? end - 1 : end
      })
    },
    end() {
      const text = sent + waiting
      const rest = release(text, () => text.length)
      sent = ''
      return rest
    },
  }
}

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff
