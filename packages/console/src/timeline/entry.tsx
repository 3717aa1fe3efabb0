import { errorCatalogue, type Attachment, type Decision, type EventError, type SessionEvent } from '@causeway/contracts'
import { Link } from '@tanstack/react-router'
import {
  Bot,
  CircleCheck,
  CirclePlay,
  CircleX,
  Clock,
  Flag,
  Paperclip,
  RefreshCw,
  ShieldX,
  TriangleAlert,
  UserCheck,
  UserX,
  Wrench,
  type LucideIcon,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { count, duration, moment } from '../parts/figures.ts'
import { calledEntry, modelEntry } from './model-entry.tsx'
import { foundText } from '../parts/found-text.ts'
import { Untrusted, UntrustedJson, UntrustedText } from '../parts/untrusted-text.tsx'

/** How an event is told. */
export interface Entry {
  icon: LucideIcon
  tone?: string
  title: ReactNode
  note?: ReactNode
  body?: ReactNode
}

function Attachments({ files }: { files: readonly Attachment[] }) {
  return (
    <ul className="text-muted mt-2 space-y-1" aria-label="Attachments">
      {files.map(({ id, name, mediaType, bytes }) => (
        <li key={id} className="flex items-center gap-2 break-words">
          <Paperclip aria-hidden className="size-4 shrink-0" />
          <span className="min-w-0">
            <Untrusted text={name} /> · {mediaType}, {bytes.toLocaleString()} bytes
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Tells an event in words. */
export function entryOf(event: SessionEvent): Entry {
  switch (event.type) {
    case 'run-created':
      return {
        icon: CirclePlay,
        title: 'Run created',
        note: <By name={event.data.requestedBy} />,
        body: (
          <>
            <UntrustedText text={event.data.input} />
            {event.data.attachments && <Attachments files={event.data.attachments} />}
          </>
        ),
      }
    case 'segment-started':
      return {
        icon: RefreshCw,
        title: event.data.segment === 1 ? 'Work began' : 'Work went on',
        note: `part ${event.data.segment}, on replica ${event.data.replica}`,
      }
    case 'model-responded':
      return modelEntry(event.data)
    case 'model-failed':
      return {
        icon: CircleX,
        tone: 'text-bad',
        title: `Model call ${event.data.step} failed`,
        note: `route ${event.data.route} · ${count(event.data.attempts, 'attempt')}`,
        body: <Failure error={event.data.error} />,
      }
    case 'model-called':
      return calledEntry(event.data)
    case 'tool-called':
    case 'tool-denied':
    case 'tool-responded':
      return toolEntry(event)
    case 'approval-requested':
    case 'approval-decided':
    case 'approval-escalated':
    case 'approval-delegated':
      return approvalEntry(event)
    case 'note-added':
      return {
        icon: Flag,
        title: 'Note',
        note: <By name={event.data.by} />,
        body: <UntrustedText text={event.data.text} />,
      }
    case 'question-asked':
      return {
        icon: Clock,
        tone: 'text-warn',
        title: 'Asks the user',
        body: <UntrustedText text={[event.data.question, ...(event.data.options ?? [])].join('\n')} />,
      }
    case 'question-answered':
      return {
        icon: UserCheck,
        title: 'The user answers',
        note: <By name={event.data.answeredBy} />,
        body: <UntrustedText text={event.data.answer} />,
      }
    case 'context-compacted':
      return { icon: Bot, title: 'Conversation summed up', body: <UntrustedText text={event.data.summary} /> }
    case 'plan-made':
      return {
        icon: Bot,
        title: 'Plan',
        body: <UntrustedText text={event.data.steps.map(({ what }) => what).join('\n')} />,
      }
    case 'handed-off':
      return { icon: Bot, title: <Title before="Goes on with" name={event.data.agent} /> }
    case 'output-rejected':
      return {
        icon: TriangleAlert,
        tone: 'text-warn',
        title: 'Answer does not match',
        body: <UntrustedText text={event.data.problem} />,
      }
    case 'tool-accepted':
      return {
        icon: Clock,
        title: <Title before="Answers later:" name={event.data.tool} />,
        note: `Waited for until ${new Date(event.data.until).toLocaleString()}`,
      }
    case 'answer-evaluated':
      return event.data.accepted
        ? { icon: CircleCheck, title: 'Answer accepted' }
        : {
            icon: TriangleAlert,
            tone: 'text-warn',
            title: 'Answer not accepted',
            body: <UntrustedText text={event.data.feedback} />,
          }
    case 'child-started':
      return {
        icon: Bot,
        title: (
          <>
            Agent <Untrusted text={event.data.agent} /> works
          </>
        ),
        note: (
          <Link className="underline" to="/runs/$runId" params={{ runId: event.data.runId }} search={true}>
            {event.data.runId}
          </Link>
        ),
      }
    case 'cancel-requested':
      return { icon: Flag, title: 'Cancellation requested', note: <By name={event.data.requestedBy} /> }
    case 'run-ended': {
      const { status, reason, limit, message } = event.data
      const good = status === 'succeeded'
      return {
        icon: Flag,
        tone: good ? 'text-good' : status === 'cancelled' ? 'text-muted' : 'text-bad',
        title: `Run ${status}`,
        ...(!good && { note: limit ? `the limit of ${limit} was reached` : reason }),
        body: message ? <UntrustedText text={message} /> : undefined,
      }
    }
  }
}

export type DataOf<Type extends SessionEvent['type']> = Extract<SessionEvent, { type: Type }>['data']

function toolEntry(event: Extract<SessionEvent, { type: 'tool-called' | 'tool-denied' | 'tool-responded' }>): Entry {
  const { tool } = event.data
  const label = (what: string): string => `${what} of ${tool}, event ${event.sequence}`
  if (event.type === 'tool-called')
    return {
      icon: Wrench,
      tone: 'text-accent',
      title: <Title before="Tool" name={tool} />,
      note: `version ${event.data.toolVersion.slice(0, 12)}`,
      body: (
        <>
          <UntrustedJson value={event.data.arguments} label={label('Arguments')} />
          <Reasons decision={event.data.decision} answered />
        </>
      ),
    }
  if (event.type === 'tool-denied')
    return {
      icon: ShieldX,
      tone: 'text-bad',
      title: <Title before="Tool" name={tool} after="denied" />,
      body: (
        <>
          <UntrustedJson value={event.data.arguments} label={label('Arguments')} />
          <Failure error={event.data.error} />
          {event.data.decision && <Reasons decision={event.data.decision} />}
        </>
      ),
    }
  const { outcome, output, error, durationMs, attempts, guardrails = [] } = event.data
  const look = {
    completed: { icon: CircleCheck, tone: 'text-good', after: 'completed' },
    failed: { icon: CircleX, tone: 'text-bad', after: 'failed' },
    unknown: { icon: TriangleAlert, tone: 'text-warn', after: 'ended, but nobody knows whether it took effect' },
  }[outcome]
  return {
    icon: look.icon,
    tone: look.tone,
    title: <Title name={tool} after={look.after} />,
    note: [duration(durationMs), count(attempts, 'attempt'), ...guardrails.map(foundText)].join(' · '),
    body: (
      <>
        {outcome === 'completed' && <UntrustedJson value={output ?? null} label={label('Result')} />}
        {error && <Failure error={error} />}
      </>
    ),
  }
}

function approvalEntry(event: Extract<SessionEvent, { type: `approval-${string}` }>): Entry {
  const { tool } = event.data
  if (event.type === 'approval-requested')
    return {
      icon: Clock,
      tone: 'text-warn',
      title: <Title before="Waits for approval of" name={tool} />,
      note: `until ${moment(event.data.expiresAt)}`,
      body: (
        <>
          <UntrustedJson value={event.data.arguments} label={`Arguments to approve, event ${event.sequence}`} />
          <Reasons decision={event.data.decision} />
        </>
      ),
    }
  if (event.type === 'approval-escalated')
    return {
      icon: Clock,
      tone: 'text-warn',
      title: <Title before="Approval of" name={tool} after="was handed up: nobody has decided" />,
    }
  if (event.type === 'approval-delegated')
    return {
      icon: Clock,
      title: (
        <>
          Approval of <Untrusted text={tool} /> was handed on to <Untrusted text={event.data.to} />
        </>
      ),
      note: <By name={event.data.by} />,
    }
  const { outcome, decidedBy, comment } = event.data
  const approved = outcome === 'approved'
  return {
    icon: approved ? UserCheck : UserX,
    tone: approved ? 'text-good' : 'text-bad',
    title: <Title before="Approval of" name={tool} after={outcome} />,
    note: decidedBy ? <By name={decidedBy} /> : undefined,
    body: comment ? <UntrustedText text={comment} /> : undefined,
  }
}

const Title = ({ before, name, after }: { before?: string; name: string; after?: string }) => (
  <>
    {before} <Untrusted text={name} /> {after}
  </>
)

const By = ({ name }: { name: string }) => (
  <>
    by <Untrusted text={name} />
  </>
)

function Failure({ error }: { error: EventError }) {
  return (
    <div className="border-bad border-l-2 pl-3">
      <UntrustedText text={error.message} />
      <p className="text-muted">
        <span className="font-mono text-xs">{error.code}</span> · {errorCatalogue[error.code].remedy}
      </p>
    </div>
  )
}

const answers = { allow: 'Allowed', ask: 'A person is asked', deny: 'Denied' } as const

/** Why a decision came out as it did. `answered`: a person who was asked has agreed since. */
export function Reasons({ decision, answered = false }: { decision: Decision; answered?: boolean }) {
  return (
    <div className="text-muted">
      <p className="text-ink font-medium">
        {answered && decision.answer === 'ask' ? 'Allowed by a person' : answers[decision.answer]}
      </p>
      <ul>
        {decision.reasons.map(({ source, id, message }) => (
          <li key={`${source} ${id}`}>
            <Untrusted text={message} />{' '}
            <span className="font-mono text-xs break-words">
              ({source} {id})
            </span>
          </li>
        ))}
      </ul>
      {decision.shadow && (
        <p className="mt-1">
          With the policies in shadow: {answers[decision.shadow.answer]} (
          <Untrusted text={decision.shadow.reasons.map(({ id }) => id).join(', ')} />)
        </p>
      )}
    </div>
  )
}
