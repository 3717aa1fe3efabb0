import { duration, moment } from './figures.ts'
import { useNow } from './use-now.ts'

/** When a review is to be done, and by how much that is over. */
export function ReviewDue({ at }: { at: string }) {
  const left = Date.parse(at) - useNow(60_000)
  return (
    <time dateTime={at} title={moment(at)} className={left < 0 ? 'text-bad font-medium' : undefined}>
      {left < 0 ? `overdue by ${duration(-left)}` : `due in ${duration(left)}`}
    </time>
  )
}
