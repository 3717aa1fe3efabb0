import { ago, moment } from './figures.ts'
import { useNow } from './use-now.ts'

/** An instant as its distance from now; the exact time is its title. */
export function Ago({ instant }: { instant: string }) {
  const now = useNow(10_000)
  return (
    <time dateTime={instant} title={moment(instant)} className="whitespace-nowrap">
      {ago(instant, now)}
    </time>
  )
}
