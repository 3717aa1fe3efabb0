import type { SessionEvent } from '@causeway/contracts'
import {
  Bot,
  CircleCheck,
  CirclePlay,
  CircleX,
  Clock,
  Flag,
  ShieldX,
  UserCheck,
  Wrench,
  type LucideIcon,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { duration, moment, usd } from './figures.ts'
import { RehearsalMark } from './status-badge.tsx'
import { UntrustedJson, UntrustedText, visible } from './untrusted-text.tsx'

interface Entry {
  icon: LucideIcon
  tone?: string
  title: ReactNode
  note?: string
  body?: ReactNode
  /** How long it took, in milliseconds; drawn as a bar that ends at the time of the event. */
  tookMs?: number
}

/** The log of a run, one entry for each event, on one axis of time. */
export function Timeline({ events }: { events: readonly SessionEvent[] }) {
  const begin = Date.parse(events[0]?.at ?? '')
  const span = Math.max(1, Date.parse(events.at(-1)?.at ?? '') - begin)
  return (
    <ol className="panel divide-line divide-y">
      {events.map(event => (
        <li key={event.sequence} className="p-4">
          <Row event={event} entry={entryOf(event)} offset={Date.parse(event.at) - begin} span={span} />
        </li>
      ))}
    </ol>
  )
}

function Row({ event, entry, offset, span }: { event: SessionEvent; entry: Entry; offset: number; span: number }) {
  const { icon: Icon, tone = 'text-muted', title, note, body, tookMs } = entry
  const width = Math.min(100, Math.max(0.6, ((tookMs ?? 0) / span) * 100))
  const left = Math.max(0, Math.min(100 - width, ((offset - (tookMs ?? 0)) / span) * 100))
  return (
    <div className="grid grid-cols-[1.5rem_1fr] gap-x-3">
      <Icon aria-hidden className={`mt-0.5 size-5 ${tone}`} />
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h3 className="font-medium">{title}</h3>
          {note && <span className="text-muted">{note}</span>}
          <time dateTime={event.at} title={moment(event.at)} className="text-muted ml-auto font-mono text-xs">
            +{duration(offset)}
          </time>
        </div>
        <div aria-hidden className="bg-sunken relative mt-2 h-1 rounded">
          <div className="bg-accent absolute h-1 rounded" style={{ left: `${left}%`, width: `${width}%` }} />
        </div>
        {body && <div className="mt-3 space-y-2">{body}</div>}
        <details className="text-muted mt-2">
          <summary className="w-fit py-1 text-xs">Event {event.sequence}</summary>
          <UntrustedJson value={event} label={`Event ${event.sequence}`} />
        </details>
      </div>
    </div>
  )
}

const reasons = (list: readonly { message: string }[]): string => list.map(({ message }) => visible(message)).join(' ')

function entryOf(event: SessionEvent): Entry {
  switch (event.type) {
    case 'run-created':
      return {
        icon: CirclePlay,
        title: 'Run created',
        note: `by ${visible(event.data.requestedBy)}`,
        body: <UntrustedText text={event.data.input} />,
      }
    case 'segment-started':
      return { icon: CirclePlay, title: `Segment ${event.data.segment}`, note: event.data.replica }
    case 'model-responded': {
      const { provider, model, usage, cost, durationMs, text, toolCalls, rehearsal, step } = event.data
      return {
        icon: Bot,
        tone: 'text-info',
        title: (
          <>
            Model call {step} {rehearsal && <RehearsalMark />}
          </>
        ),
        note: `${visible(provider)}/${visible(model)} · ${usage.inputTokens} + ${usage.outputTokens} tokens · ${usd(cost.nanoUsd)} · ${duration(durationMs)}`,
        body: text ? (
          <UntrustedText text={text} />
        ) : toolCalls.length > 0 ? (
          <p className="text-muted">asks for {toolCalls.map(({ tool }) => visible(tool)).join(', ')}</p>
        ) : undefined,
        tookMs: durationMs,
      }
    }
    case 'model-failed':
      return {
        icon: CircleX,
        tone: 'text-bad',
        title: 'Model call failed',
        note: event.data.error.code,
        body: <UntrustedText text={event.data.error.message} />,
      }
    case 'tool-called':
      return {
        icon: Wrench,
        tone: 'text-accent',
        title: `Tool ${visible(event.data.tool)}`,
        note: `${event.data.decision.answer}: ${reasons(event.data.decision.reasons)}`,
        body: <UntrustedJson value={event.data.arguments} label="Arguments" />,
      }
    case 'tool-denied':
      return {
        icon: ShieldX,
        tone: 'text-bad',
        title: `Tool ${visible(event.data.tool)} denied`,
        note: event.data.error.code,
        body: <UntrustedText text={event.data.error.message} />,
      }
    case 'tool-responded': {
      const { outcome, tool, output, error, durationMs, attempts } = event.data
      const good = outcome === 'completed'
      return {
        icon: good ? CircleCheck : CircleX,
        tone: good ? 'text-good' : 'text-bad',
        title: `${visible(tool)} ${outcome}`,
        note: `${duration(durationMs)} · ${attempts} attempt${attempts === 1 ? '' : 's'}`,
        body: good ? <UntrustedJson value={output} label="Result" /> : <UntrustedText text={error?.message ?? ''} />,
        tookMs: durationMs,
      }
    }
    case 'approval-requested':
      return {
        icon: Clock,
        tone: 'text-warn',
        title: `Waits for approval of ${visible(event.data.tool)}`,
        note: reasons(event.data.decision.reasons),
        body: <UntrustedJson value={event.data.arguments} label="Arguments" />,
      }
    case 'approval-decided':
      return {
        icon: UserCheck,
        tone: event.data.outcome === 'approved' ? 'text-good' : 'text-bad',
        title: `${visible(event.data.tool)} ${event.data.outcome}`,
        note: event.data.decidedBy ? `by ${visible(event.data.decidedBy)}` : '',
        body: event.data.comment ? <UntrustedText text={event.data.comment} /> : undefined,
      }
    case 'cancel-requested':
      return { icon: Flag, title: 'Cancellation requested', note: `by ${visible(event.data.requestedBy)}` }
    case 'run-ended': {
      const { status, reason, message, output } = event.data
      return {
        icon: Flag,
        tone: status === 'succeeded' ? 'text-good' : 'text-bad',
        title: `Run ${status}`,
        note: status === 'succeeded' ? '' : `${reason}${message ? `: ${visible(message)}` : ''}`,
        body: output ? <UntrustedText text={output} /> : undefined,
      }
    }
  }
}
