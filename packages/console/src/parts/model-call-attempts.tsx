import type { ModelCall, ModelCallAttempt } from '@causeway/contracts'
import { duration } from './figures.ts'
import { Untrusted } from './untrusted-text.tsx'

/** The attempts of a call in their order, each as a bar on the time that the call took. */
export function ModelCallAttempts({ call: { attempts, durationMs } }: { call: ModelCall }) {
  if (attempts.length === 0) return <p className="text-muted">No provider was asked.</p>
  const total = Math.max(1, durationMs, spanOf(attempts))
  return (
    <ol className="panel divide-line divide-y">
      {attempts.map((attempt, number) => {
        const before = spanOf(attempts.slice(0, number))
        const failed = attempt.failureClass !== null
        return (
          // Attempts do not change, and have no name but their number.
          <li key={number} className="grid gap-x-4 gap-y-1 px-4 py-3 sm:grid-cols-2">
            <p className="min-w-0 break-words">
              <span className="font-medium">
                {number + 1}. <Untrusted text={`${attempt.provider} / ${attempt.model}`} />
              </span>
              <span className={`block text-xs ${failed ? 'text-bad' : 'text-good'}`}>{resultOf(attempt)}</span>
            </p>
            <p className="text-muted text-xs tabular-nums">
              <span aria-hidden className="bg-sunken mb-1 block h-2 rounded">
                <span
                  className={`block h-2 min-w-0.5 rounded ${failed ? 'bg-bad' : 'bg-good'}`}
                  style={{
                    marginLeft: `${Math.min(99, (before / total) * 100)}%`,
                    width: `${Math.min(100, (attempt.durationMs / total) * 100)}%`,
                  }}
                />
              </span>
              {duration(attempt.durationMs)}
              {attempt.waitedMs > 0 && `, then waited ${duration(attempt.waitedMs)}`} · key {attempt.key + 1}
            </p>
          </li>
        )
      })}
    </ol>
  )
}

const spanOf = (attempts: readonly ModelCallAttempt[]): number =>
  attempts.reduce((sum, { durationMs, waitedMs }) => sum + durationMs + waitedMs, 0)

const resultOf = ({ failureClass, status }: ModelCallAttempt): string =>
  failureClass === null ? 'answered' : `failed: ${failureClass}${status === null ? '' : `, status ${status}`}`
