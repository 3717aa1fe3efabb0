/** A text that is open in places: the parts that are not, in their order. */
type Template = readonly string[]

/** An apostrophe inside of a word opens and closes nothing. */
const inQuotes = /"([^"]{1,300})"|(?<![\p{L}\p{N}])'([^']{1,300})'(?![\p{L}\p{N}])|`([^`]{1,300})`|“([^”]{1,300})”/gu
const openPlace = /\{\p{L}[\p{L}\p{N} _-]{0,60}\}/u

/** Templates of one user text that are looked at. */
const templatesAtMost = 20
const openPlacesAtMost = 5

/** Texts in quotes in which a user has left something open, in braces: call it "Dinner at {restaurant}". */
export class SaidTemplates {
  readonly #templates: Template[] = []

  add(text: string): void {
    for (const found of [...text.matchAll(inQuotes)].slice(0, templatesAtMost)) {
      const template = (found.slice(1).find(quoted => quoted !== undefined) ?? '').split(openPlace)
      // One that is open at all its places, or side by side, would be anything.
      const says = template.some(part => /[\p{L}\p{N}]/u.test(part)) && template.slice(1, -1).every(part => part.trim())
      if (template.length > 1 && template.length <= openPlacesAtMost + 1 && says) this.#templates.push(template)
    }
  }

  /** What a value has in the open places of each template that it fits. */
  fillings(value: string): string[][] {
    return this.#templates.flatMap(template => {
      const filling = fill(template, value.trim())
      return filling ? [filling] : []
    })
  }
}

function fill([first = '', ...others]: Template, value: string): string[] | undefined {
  if (!value.startsWith(first)) return undefined
  const filling: string[] = []
  let at = first.length
  for (const [place, part] of others.entries()) {
    const isLast = place === others.length - 1
    const end = isLast ? value.length - part.length : value.indexOf(part, at + 1)
    if (end <= at || !value.startsWith(part, end)) return undefined
    filling.push(value.slice(at, end))
    at = end + part.length
  }
  return filling
}
