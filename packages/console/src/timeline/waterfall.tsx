import type { SessionEvent } from '@causeway/contracts'
import { Bot, Clock, Wrench, type LucideIcon } from 'lucide-react'
import { duration } from '../parts/figures.ts'
import { Untrusted } from '../parts/untrusted-text.tsx'
import { useNow } from '../parts/use-now.ts'
import { lanesOf, type Lane } from './lanes.ts'
import { timeAxis } from './time-axis.ts'

const looks: Record<Lane['kind'], { icon: LucideIcon; bar: string; tone: string }> = {
  model: { icon: Bot, bar: 'bg-info', tone: 'text-info' },
  tool: { icon: Wrench, bar: 'bg-accent', tone: 'text-accent' },
  wait: { icon: Clock, bar: 'hatched', tone: 'text-warn' },
}

interface WaterfallProps {
  events: readonly SessionEvent[]
  liveStep: number | undefined
  /** Whether the run has ended; else what is under way grows. */
  ended: boolean
}

/** Where the time of a run went: one bar for each call and wait, on one axis. A bar leads to its event. */
export function Waterfall({ events, liveStep, ended }: WaterfallProps) {
  const now = useNow(ended ? null : 500)
  const [first] = events
  const last = events.at(-1)
  if (!first || !last) return null
  const begin = Date.parse(first.at)
  const lanes = lanesOf(events, now, liveStep)
  if (lanes.length === 0) return null
  const end = Math.max(Date.parse(last.at), ...lanes.map(lane => lane.end))
  const { place, folds } = timeAxis(lanes, begin, end)
  return (
    <div className="panel overflow-hidden">
      <div aria-hidden className="lane text-muted border-line border-b px-4 py-1.5 font-mono text-[0.6875rem]">
        <span className="font-sans text-xs">Step</span>
        <span className="relative flex h-4 items-center justify-between">
          <span>0</span>
          {folds.map(fold => (
            <span
              key={fold.left}
              className="absolute -translate-x-1/2 max-sm:hidden"
              style={{ left: `${Math.min(80, Math.max(20, fold.left + fold.width / 2))}%` }}
            >
              ⋯ {duration(fold.milliseconds)} ⋯
            </span>
          ))}
          <span>{duration(end - begin)}</span>
        </span>
        <span className="text-right font-sans text-xs">Took</span>
      </div>
      <ol aria-label="Time of each step" className="max-h-96 overflow-y-auto py-1.5">
        {lanes.map(lane => (
          <li key={`${lane.kind}${lane.sequence}${lane.label}`}>
            <Bar lane={lane} left={place(lane.start)} right={place(lane.end)} />
          </li>
        ))}
      </ol>
    </div>
  )
}

function Bar({ lane, left, right }: { lane: Lane; left: number; right: number }) {
  const { icon: Icon, bar, tone } = looks[lane.kind]
  const width = Math.min(100, Math.max(0.6, right - left))
  const state = lane.bad ? 'did not succeed' : lane.open ? 'under way' : ''
  return (
    <button
      type="button"
      className="lane hover:bg-sunken w-full px-4 py-1 text-left"
      onClick={() => toEvent(lane.sequence)}
    >
      <span className="flex min-w-0 items-center gap-2">
        <Icon aria-hidden className={`size-4 shrink-0 ${lane.bad ? 'text-bad' : tone}`} />
        <span className="truncate">
          <Untrusted text={lane.label} />
        </span>
        {state && (
          <span className={`shrink-0 text-xs max-sm:sr-only ${lane.bad ? 'text-bad' : 'text-muted'}`}>{state}</span>
        )}
      </span>
      <span aria-hidden className="bg-sunken relative h-2.5 rounded-sm">
        <span
          className={`absolute h-2.5 rounded-sm ${lane.bad && lane.kind !== 'wait' ? 'bg-bad' : bar} ${lane.open ? 'animate-pulse' : ''}`}
          style={{ left: `${Math.min(100 - width, left)}%`, width: `${width}%` }}
        />
      </span>
      <span className="text-muted text-right font-mono text-xs">{duration(lane.end - lane.start)}</span>
    </button>
  )
}

function toEvent(sequence: number): void {
  const element = document.getElementById(`event-${sequence}`)
  element?.scrollIntoView({ block: 'center' })
  element?.focus({ preventScroll: true })
}
