/** A replacement of the bytes from `start` to before `end`; an insertion where both are the same. */
export interface Edit {
  start: number
  end: number
  text: string
}

/** Applies edits that do not overlap, in the order of their places, and leaves every other byte as it is. */
export function splice(body: Buffer, edits: readonly Edit[]): Buffer {
  const parts: Buffer[] = []
  let from = 0
  for (const { start, end, text } of edits.toSorted((one, other) => one.start - other.start)) {
    parts.push(body.subarray(from, start), Buffer.from(text))
    from = end
  }
  parts.push(body.subarray(from))
  return Buffer.concat(parts)
}
