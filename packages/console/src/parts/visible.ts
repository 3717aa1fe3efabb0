/** A part of a text; `hidden` parts stand for one character that nobody would see. */
export interface Piece {
  text: string
  hidden: boolean
}

// Joiners and variation selectors are a part of many emoji, and line ends may be written in two characters.
const harmless =
  /(?<=\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?)\u200d(?=\p{Extended_Pictographic})|(?<=\p{Extended_Pictographic})\ufe0f|\r(?=\n)/v

// Control and format characters (among them those that turn the reading direction and the tags that can carry a whole
// hidden message), what Unicode says to ignore, private use, halves of pairs, and odd line ends.
const concealed = /[[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]--[\t\n]]/v

const either = new RegExp(`(?:${harmless.source})|(${concealed.source})`, 'gv')

/** Splits a text so that what would be invisible can be shown as its code, like ⟨U+202E⟩. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const match of text.matchAll(either)) {
    const [, hidden] = match
    if (hidden === undefined) continue
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), hidden: false })
    pieces.push({
      text: `⟨U+${(hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
      hidden: true,
    })
    from = match.index + hidden.length
  }
  if (from < text.length) pieces.push({ text: text.slice(from), hidden: false })
  return pieces
}

/** A text as a person must see it: what would be invisible is shown as its code. */
export const visible = (text: string): string =>
  piecesOf(text)
    .map(piece => piece.text)
    .join('')
