import type { SessionEvent } from '@causeway/contracts'
import { Braces } from 'lucide-react'
import { memo, useState } from 'react'
import { duration, moment } from '../parts/figures.ts'
import { UntrustedJson } from '../parts/untrusted-text.tsx'
import { entryOf } from './entry.tsx'

// Below this many events the browser lays out all of them at once.
const shortLog = 150

/** The log of a run, one entry for each event. */
export function EventLog({ events }: { events: readonly SessionEvent[] }) {
  const begin = Date.parse(events[0]?.at ?? '')
  const long = events.length > shortLog
  return (
    <ol aria-label="Events" className="panel divide-line divide-y">
      {events.map(event => (
        <EventRow key={event.sequence} event={event} begin={begin} long={long} />
      ))}
    </ol>
  )
}

interface EventRowProps {
  event: SessionEvent
  /** When the run began, in milliseconds since the epoch. */
  begin: number
  long: boolean
}

// Events never change, so that a row is drawn once however long the log grows.
const EventRow = memo(function EventRow({ event, begin, long }: EventRowProps) {
  const [raw, setRaw] = useState(false)
  const { icon: Icon, tone = 'text-muted', title, note, body } = entryOf(event)
  return (
    <li
      id={`event-${event.sequence}`}
      tabIndex={-1}
      className={`${long ? 'laid-out-when-seen' : ''} focus:bg-sunken grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-3 px-4 py-3`}
    >
      <Icon aria-hidden className={`mt-1 size-5 ${tone}`} />
      <div>
        <div className="flex items-start gap-2">
          <div className="mr-auto flex min-w-0 flex-wrap gap-x-3 py-0.5 leading-6">
            <h3 className="font-medium break-words">{title}</h3>
            {note && <p className="text-muted min-w-0 break-words">{note}</p>}
          </div>
          <time
            dateTime={event.at}
            title={moment(event.at)}
            className="text-muted py-1 font-mono text-xs leading-5 whitespace-nowrap"
          >
            +{duration(Date.parse(event.at) - begin)}
          </time>
          <button
            type="button"
            aria-expanded={raw}
            aria-label={`Event ${event.sequence} as JSON`}
            title={`Event ${event.sequence} as JSON`}
            className="text-muted hover:text-ink hover:bg-sunken aria-expanded:bg-sunken aria-expanded:text-ink inline-grid size-7 shrink-0 place-items-center rounded-md"
            onClick={() => setRaw(!raw)}
          >
            <Braces aria-hidden className="size-3.5" />
          </button>
        </div>
        <div className="mt-1.5 space-y-2 empty:hidden">
          {body}
          {raw && <UntrustedJson value={event} label={`JSON of event ${event.sequence}`} />}
        </div>
      </div>
    </li>
  )
})
