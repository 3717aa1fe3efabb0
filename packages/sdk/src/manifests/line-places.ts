/** Line and column, from 1, of every offset in a text. */
export function linePlaces(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return offset => {
    const later = starts.findIndex(start => start > offset)
    const line = later < 0 ? starts.length : later
    return { line, column: offset - (starts[line - 1] ?? 0) + 1 }
  }
}
