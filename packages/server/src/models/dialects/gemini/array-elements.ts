/** Cuts the text of a JSON array, or of objects that follow each other, into its elements while it arrives. */
export interface ArrayElements {
  /** The elements that are whole now. @throws what `tooLong` makes */
  feed(text: string): string[]
}

interface ArrayElementsOptions {
  /** Characters. */
  longestElement: number
  tooLong: () => Error
}

export function createArrayElements({ longestElement, tooLong }: ArrayElementsOptions): ArrayElements {
  const held: string[] = []
  let heldLength = 0
  let depth = 0
  let inString = false
  let escaped = false

  return {
    feed(text) {
      const whole: string[] = []
      let start = depth > 0 ? 0 : -1
      for (let at = 0; at < text.length; at++) {
        const character = text[at]
        if (escaped) escaped = false
        else if (inString) {
          if (character === '\\') escaped = true
          else if (character === '"') inString = false
        } else if (depth > 0 && character === '"') inString = true
        // The brackets of the outermost array do not count: outside of objects they are passed over.
        else if (character === '{' || (depth > 0 && character === '[')) {
          if (depth++ === 0) start = at
        } else if (depth > 0 && (character === '}' || character === ']') && --depth === 0) {
          whole.push(held.splice(0).join('') + text.slice(start, at + 1))
          heldLength = 0
          start = -1
        }
      }
      if (start >= 0) {
        heldLength += text.length - start
        if (heldLength > longestElement) throw tooLong()
        held.push(text.slice(start))
      }
      return whole
    },
  }
}
