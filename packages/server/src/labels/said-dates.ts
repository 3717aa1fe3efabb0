import { strict } from 'chrono-node/en'

type Components = ReturnType<typeof strict.parse>[number]['start']
type Part = Parameters<Components['get']>[0]

/** A day or a time of day that stands in a text; of a day, the year may be left open. */
interface Said {
  year?: number | undefined
  month?: number | undefined
  day?: number | undefined
  hour?: number | undefined
  minute?: number | undefined
}

/** Characters of a text in which dates are looked for: more takes the library too long. */
const lookedAt = 5000

const written = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::00(?:\.0+)?)?Z?)?$/

/**
 * Days and times in what a user has said in English ("January 11th to 15th 2025", "on 2024-05-20 at 10 am"). Those that depend on
 * the day on which they are said ("tomorrow") are none of them.
 */
export class SaidDates {
  readonly #unread: string[] = []
  readonly #said: Said[] = []
  readonly #besides: string[] = []

  add(text: string): void {
    this.#unread.push(text)
  }

  /** What was said, without the days and times in it. */
  besides(): readonly string[] {
    this.#read()
    return this.#besides
  }

  /** Whether the day, and the time where there is one, of a value in the form of ISO 8601 were said. */
  say(value: string): boolean {
    const found = written.exec(value.trim())
    if (!found) return false
    const [year, month, day, hour, minute] = found.slice(1).map(part => (part === undefined ? undefined : Number(part)))
    const said = this.#read()
    const isDay = (each: Said): boolean =>
      each.day === day && each.month === month && (each.year === undefined || each.year === year)
    return said.some(isDay) && (hour === undefined || said.some(each => each.hour === hour && each.minute === minute))
  }

  #read(): readonly Said[] {
    for (const text of this.#unread.splice(0)) {
      let besides = text
      for (const { start, end, index, text: found } of strict.parse(text.slice(0, lookedAt))) {
        besides = besides.slice(0, index) + ' '.repeat(found.length) + besides.slice(index + found.length)
        const parts = end ? [start, end] : [start]
        // Who says "from 11 to 15 May 2025" has said the year of both.
        const year = parts.map(part => certain(part, 'year')).find(each => each !== undefined)
        for (const part of parts)
          this.#said.push({
            year,
            month: certain(part, 'month'),
            day: certain(part, 'day'),
            hour: certain(part, 'hour'),
            minute: certain(part, 'minute') ?? (part.isCertain('hour') ? 0 : undefined),
          })
      }
      this.#besides.push(besides)
    }
    return this.#said
  }
}

const certain = (components: Components, part: Part): number | undefined =>
  components.isCertain(part) ? (components.get(part) ?? undefined) : undefined
