import type { KeyboardEvent } from 'react'

const steps: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }

/** While a row of the table has the focus, j, k and the arrows lead to the next one. */
export function moveBetweenRows(event: KeyboardEvent<HTMLTableElement>): void {
  const step = steps[event.key]
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return
  const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>('tbody th a')]
  const next = links[links.findIndex(link => link === document.activeElement) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}
