/** Between words, so that a sequence of words is found only whole. */
const mark = '\u0001'
/** Between values, so that no sequence goes from one into the next. */
const gap = '\u0002'

const invisible = /[\p{Cf}\p{Mn}\uFE00-\uFE0F]/gu
const word = /[^\s"'`<>()[\]{},;|\p{Cc}]+/gu
const edges = /^[$€£#*_~:.!?=]+|[.:!?*_~=]+$/gu

/**
 * The words of a text in one form, in which two ways of writing one value are alike: compatibility forms (NFKC), case
 * outside of paths, thousands separators and the punctuation round a word do not count.
 */
function wordsOf(text: string): string[] {
  const plain = text
    .normalize('NFKC')
    .replaceAll(invisible, '')
    .replaceAll(/(?<=\d),(?=\d{3}(?!\d))/g, '')
  return (plain.match(word) ?? []).map(wordForm).filter(each => each !== '')
}

function wordForm(found: string): string {
  const bare = found.replaceAll(edges, '')
  if (/^-?\d+(\.\d+)?$/.test(bare) && bare.length <= 15 && !/^-?0\d/.test(bare)) return String(Number(bare))
  return bare.includes('/') ? bare : bare.toLowerCase()
}

/** Values in which others can be looked for. */
export const searchable = (values: readonly string[]): string =>
  values.map(value => mark + wordsOf(value).join(mark) + mark).join(gap)

/** A sentence that begins right after the name of a host, as in "look at www.harbour.example.They have it". */
const sentenceAfterHost = /(?<=[\p{Ll}\d-]\.\p{Ll}{2,24})\.(?=\p{Lu}\p{Ll}*(?![\p{L}\d.-]))/gu

/** A text that a person has written, with the space that its sentences should have. Values are never read so: a host may be named like a word. */
export const withSpaces = (text: string): string => text.replaceAll(sentenceAfterHost, '. ')

/** Whether the words of a value stand in what was made searchable, all of them one after the other. */
export function standsIn(text: string, value: string): boolean {
  const words = wordsOf(value)
  return words.length > 0 && text.includes(mark + words.join(mark) + mark)
}
