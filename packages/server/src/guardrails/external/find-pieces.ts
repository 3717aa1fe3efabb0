import type { Find, Span } from '../detectors/span.ts'

/** Characters of a piece that is found again in other texts; a shorter one means nothing there. */
const meaningful = 4

/**
 * Finds pieces that a detector has found before: in the text where it found them, and wherever else they stand, since what a client
 * sent is cut otherwise for each provider.
 */
export function findPieces(foundIn: ReadonlyMap<string, readonly string[]>): Find {
  const everywhere = new Set([...foundIn.values()].flat().filter(piece => piece.length >= meaningful))
  return text => [...new Set([...(foundIn.get(text) ?? []), ...everywhere])].flatMap(piece => placesOf(piece, text))
}

function placesOf(piece: string, text: string): Span[] {
  const places: Span[] = []
  for (let from = text.indexOf(piece); from >= 0; from = text.indexOf(piece, from + piece.length))
    places.push({ from, to: from + piece.length })
  return places
}
