import { CausewayError, errorCatalogue } from '@causeway/contracts'
import { CircleX } from 'lucide-react'

/** An error with what can be done about it. */
export function ProblemNote({ error }: { error: Error }) {
  const remedy =
    error instanceof CausewayError
      ? errorCatalogue[error.code].remedy
      : 'Try again; if it stays, look at the log of the platform.'
  return (
    <div role="alert" className="panel border-bad flex gap-3 p-4">
      <CircleX aria-hidden className="text-bad size-5 shrink-0" />
      <div>
        <p className="font-medium">{error.message}</p>
        <p className="text-muted mt-1">{remedy}</p>
      </div>
    </div>
  )
}

/** What stands where there is nothing, with the one thing to do. */
export function Empty({ title, command }: { title: string; command?: string }) {
  return (
    <div className="panel text-muted p-10 text-center">
      <p className="text-ink text-base font-medium">{title}</p>
      {command && <code className="bg-sunken mt-3 inline-block rounded px-2 py-1 font-mono text-xs">{command}</code>}
    </div>
  )
}
