import { CausewayError, errorCatalogue } from '@causeway/contracts'
import { CircleX, RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Command } from './copy-button.tsx'
import { Untrusted } from './untrusted-text.tsx'

/** An error with what can be done about it. */
export function ProblemNote({ error, onRetry }: { error: Error; onRetry?: () => unknown }) {
  const known = error instanceof CausewayError ? error : undefined
  return (
    <div role="alert" className="panel border-bad mb-4 flex gap-3 p-4">
      <CircleX aria-hidden className="text-bad mt-0.5 size-5 shrink-0" />
      <div className="min-w-0">
        <p className="font-medium break-words">
          <Untrusted text={error.message} />
        </p>
        <p className="text-muted mt-1">
          {known ? errorCatalogue[known.code].remedy : 'Try again; if it stays, look at the log of the platform.'}
        </p>
        {known?.problems && (
          <ul className="mt-2 list-disc pl-5">
            {known.problems.map(({ pointer, message }) => (
              <li key={pointer + message}>
                <code className="font-mono text-xs">{pointer || '/'}</code> <Untrusted text={message} />
              </li>
            ))}
          </ul>
        )}
        {onRetry && (
          <button type="button" className="action mt-3" onClick={() => void onRetry()}>
            <RotateCw aria-hidden className="size-4" /> Try again
          </button>
        )}
      </div>
    </div>
  )
}

/** What stands where there is nothing, with the one thing to do. */
export function Empty({ title, command, children }: { title: string; command?: string; children?: ReactNode }) {
  return (
    <div className="panel text-muted px-4 py-12 text-center">
      <p className="text-ink text-base font-medium">{title}</p>
      {children && <p className="mx-auto mt-1 max-w-prose">{children}</p>}
      {command && (
        <p className="mt-4">
          <Command text={command} />
        </p>
      )}
    </div>
  )
}
