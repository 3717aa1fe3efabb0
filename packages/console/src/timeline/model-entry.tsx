import { errorCatalogue } from '@causeway/contracts'
import { Link } from '@tanstack/react-router'
import { Bot, CircleX } from 'lucide-react'
import { duration, usd } from '../parts/figures.ts'
import { foundText } from '../parts/found-text.ts'
import { RehearsalMark } from '../parts/status-badge.tsx'
import { Untrusted, UntrustedText } from '../parts/untrusted-text.tsx'
import type { DataOf, Entry } from './entry.tsx'

/** What a call of a model took. */
const figuresOf = ({ usage, cost, durationMs }: Pick<DataOf<'model-called'>, 'usage' | 'cost' | 'durationMs'>) => [
  `${usage.inputTokens.toLocaleString()} in, ${usage.outputTokens.toLocaleString()} out`,
  ...(usage.cachedInputTokens > 0 ? [`${usage.cachedInputTokens.toLocaleString()} cached`] : []),
  cost.status === 'unpriced' ? 'no price known' : `${cost.status === 'estimated' ? 'about ' : ''}${usd(cost.nanoUsd)}`,
  duration(durationMs),
]

/** A call by a loop that a team has written itself. */
export const calledEntry = ({
  requestId,
  route,
  provider,
  model,
  rehearsal,
  outcome,
  error,
  ...took
}: DataOf<'model-called'>): Entry => ({
  icon: outcome === 'failed' ? CircleX : Bot,
  tone: outcome === 'failed' ? 'text-bad' : 'text-info',
  title: (
    <>
      {outcome === 'failed' ? 'Model call failed' : 'Model call'} {rehearsal && <RehearsalMark />}
    </>
  ),
  note: (
    <>
      <Untrusted text={provider === null ? `route ${route}` : `${provider}/${model}`} /> · {figuresOf(took).join(' · ')}
    </>
  ),
  body: (
    <>
      {error && <p className="text-muted">{errorCatalogue[error].title}</p>}
      <Link to="/model-calls/$callId" params={{ callId: requestId }} className="text-accent underline">
        How it was called
      </Link>
    </>
  ),
})

export function modelEntry(data: DataOf<'model-responded'>): Entry {
  const {
    provider,
    model,
    usage,
    cost,
    durationMs,
    text,
    toolCalls,
    rehearsal,
    step,
    attempts,
    finishReason,
    guardrails = [],
  } = data
  const facts = [
    ...figuresOf({ usage, cost, durationMs }),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
    ...guardrails.map(foundText),
    ...(finishReason === 'length' || finishReason === 'content-filter' ? [`cut off: ${finishReason}`] : []),
  ]
  return {
    icon: Bot,
    tone: 'text-info',
    title: (
      <>
        Model call {step} {rehearsal && <RehearsalMark />}
      </>
    ),
    note: (
      <>
        <Untrusted text={`${provider}/${model}`} /> · {facts.join(' · ')}
      </>
    ),
    body: (
      <>
        {text && <UntrustedText text={text} />}
        {toolCalls.length > 0 && (
          <p className="text-muted">
            asks for <Untrusted text={toolCalls.map(({ tool }) => tool).join(', ')} />
          </p>
        )}
      </>
    ),
  }
}
