import { dataOf } from './sse-frames.ts'

const openBrace = 0x7b
const closeBrace = 0x7d
const quote = 0x22
const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Whether the data of all events of a block can be read as JSON. Only events that do not look like it are parsed: those
 * whose data does not begin with `{"` or that do not end with a brace.
 */
export function areWhole(block: Buffer): boolean {
  for (let from = 0; from < block.length;) {
    const end = block.indexOf('\n\n', from)
    const to = end < 0 ? block.length : end
    if (!looksWhole(block, from, to) && !isReadable(block.subarray(from, to))) return false
    from = to + 2
  }
  return true
}

function looksWhole(block: Buffer, from: number, to: number): boolean {
  let last = to - 1
  while (last > from && (block[last] === lineFeed || block[last] === carriageReturn)) last--
  if (block[last] !== closeBrace) return false
  const data = block.indexOf('data:', from)
  if (data < 0 || data > last) return false
  const first = block[data + 5] === 0x20 ? data + 6 : data + 5
  return block[first] === openBrace && (block[first + 1] === quote || block[first + 1] === closeBrace)
}

function isReadable(event: Buffer): boolean {
  const data = dataOf(event)
  if (data === '' || data === '[DONE]') return true
  try {
    JSON.parse(data)
    return true
  } catch {
    return false
  }
}
