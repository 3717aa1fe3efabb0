import { mapStrings } from '../map-strings.ts'

/** Each text in a value of JSON once. @throws CausewayError invalid-request for a value that is nested too deep */
export function textsIn(value: unknown): string[] {
  const texts = new Set<string>()
  mapStrings(value, text => {
    if (/\S/.test(text)) texts.add(text)
    return text
  })
  return [...texts]
}
