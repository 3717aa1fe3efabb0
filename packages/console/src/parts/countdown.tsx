import { duration, moment } from './figures.ts'
import { useNow } from './use-now.ts'

/** The time that is left until an instant. */
export function Countdown({ until }: { until: string }) {
  const left = Date.parse(until) - useNow(1000)
  // Tenths of seconds would only flicker.
  const rounded = left < 60_000 ? `${Math.ceil(left / 1000)} s` : duration(left)
  return (
    <time
      dateTime={until}
      title={moment(until)}
      className={`tabular-nums ${left < 300_000 ? 'text-bad font-medium' : ''}`}
    >
      {left > 0 ? `in ${rounded}` : 'has expired'}
    </time>
  )
}
