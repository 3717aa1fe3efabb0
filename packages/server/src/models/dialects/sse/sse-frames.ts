const lineFeed = 0x0a

/** Cuts a byte stream at the ends of its server-sent events, so that only whole events are handed on. */
export interface SseFrames {
  /** The events that are whole now, as one block; undefined while there are none. */
  push(chunk: Buffer): Buffer | undefined
  /** What is left over: the beginning of an event that never ended. */
  rest(): Buffer
}

export function createSseFrames(): SseFrames {
  let held: Buffer[] = []
  return {
    push(chunk) {
      // The blank line may itself be cut in two, so the last bytes before this chunk are looked at again.
      const joined = held.length > 0 ? Buffer.concat([...held, chunk]) : chunk
      const end = endOfEvents(joined)
      if (end === 0) {
        held = [joined]
        return undefined
      }
      held = end < joined.length ? [joined.subarray(end)] : []
      return joined.subarray(0, end)
    },
    rest: () => Buffer.concat(held),
  }
}

/** Just behind the last blank line; 0 when there is none. Lines end with LF or CRLF. */
function endOfEvents(bytes: Buffer): number {
  // Nearly always a chunk ends where an event ends.
  if (bytes.at(-1) === lineFeed && bytes.at(-2) === lineFeed) return bytes.length
  const bare = bytes.lastIndexOf('\n\n')
  const carriage = bytes.lastIndexOf('\n\r\n')
  return Math.max(bare < 0 ? 0 : bare + 2, carriage < 0 ? 0 : carriage + 3)
}

/** The single events of a block of whole events. */
export function* eventsOf(block: Buffer): Generator<Buffer, void> {
  let from = 0
  while (from < block.length) {
    const bare = block.indexOf('\n\n', from)
    const carriage = block.indexOf('\n\r\n', from)
    const ends = [bare < 0 ? block.length : bare + 2, carriage < 0 ? block.length : carriage + 3]
    const end = Math.min(...ends)
    yield block.subarray(from, end)
    from = end
  }
}

/** The text after `data:` of an event, lines joined as the standard says. */
export const dataOf = (event: Buffer): string =>
  event
    .toString('utf8')
    .split(/\r?\n/)
    .filter(line => line.startsWith('data:'))
    .map(line => line.slice(line.startsWith('data: ') ? 6 : 5))
    .join('\n')
