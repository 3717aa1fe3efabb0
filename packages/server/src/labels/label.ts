import type { Integrity, Label, Readers } from '@causeway/contracts'

/** Of what the user and the agent's own manifest say. */
export const trusted: Label = { integrity: 'trusted', readers: '*', origins: [] }

const order: readonly Integrity[] = ['trusted', 'endorsed', 'untrusted']
const originsAtMost = 100
const flagsAtMost = 100
const dataClassesAtMost = 100

/** What can be said of two values together: the worst integrity, the readers of both, the origins, flags and classes of data of either. */
export const join = (one: Label, other: Label): Label => ({
  integrity: order.indexOf(one.integrity) >= order.indexOf(other.integrity) ? one.integrity : other.integrity,
  readers: commonReaders(one.readers, other.readers),
  origins: [...new Set([...one.origins, ...other.origins])].slice(0, originsAtMost),
  ...((one.flags ?? other.flags) && { flags: either(one.flags, other.flags, flagsAtMost) }),
  ...((one.dataClasses ?? other.dataClasses) && {
    dataClasses: either(one.dataClasses, other.dataClasses, dataClassesAtMost),
  }),
})

const either = (one: readonly string[] = [], other: readonly string[] = [], most: number): string[] =>
  [...new Set([...one, ...other])].slice(0, most)

const commonReaders = (one: Readers, other: Readers): Readers => {
  if (one === '*') return other
  if (other === '*') return one
  return [
    ...new Set([...one.filter(reader => mayRead(other, reader)), ...other.filter(reader => mayRead(one, reader))]),
  ]
}

/** Whether somebody is among the readers: by name, or by a domain (`@example.com`, `*.example.com`) that is. */
export const mayRead = (readers: Readers, who: string): boolean => readers === '*' || isAmong(readers, who)

/** Whether a destination is among names, addresses, `@domain` and `*.host`. Case does not matter. */
export function isAmong(names: readonly string[], destination: string): boolean {
  const who = destination.toLowerCase()
  return names.some(each => {
    const name = each.toLowerCase()
    if (name === who) return true
    if (name.startsWith('@'))
      return who.indexOf('@') > 0 && who.endsWith(name) && who.indexOf('@') === who.lastIndexOf('@')
    return name.startsWith('*.') && who.endsWith(name.slice(1))
  })
}
