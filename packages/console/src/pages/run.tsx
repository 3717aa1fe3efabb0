import { hasEnded, type Approval } from '@causeway/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Bot, ShieldQuestion } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useClient } from '../api/use-client.ts'
import { useRunEvents } from '../api/use-run-events.ts'
import { ApprovalDialog } from '../parts/approval-dialog.tsx'
import { Countdown } from '../parts/countdown.tsx'
import { IncidentLink } from '../parts/incident-link.tsx'
import { ProblemNote } from '../parts/problem.tsx'
import { RunSummary } from '../parts/run-summary.tsx'
import { Untrusted, UntrustedText } from '../parts/untrusted-text.tsx'
import { useTitle } from '../parts/use-title.ts'
import { visible } from '../parts/visible.ts'
import { EventLog } from '../timeline/event-log.tsx'
import { Waterfall } from '../timeline/waterfall.tsx'

/** One run: what it is, what it has used up, and its log as it grows. */
export function RunPage() {
  const { runId } = useParams({ from: '/frame/runs/$runId' })
  const [attempt, setAttempt] = useState(1)
  return <RunView key={`${runId} ${attempt}`} runId={runId} onRetry={() => setAttempt(attempt + 1)} />
}

function RunView({ runId, onRetry }: { runId: string; onRetry: () => void }) {
  const { client, environment } = useClient()
  const { events, liveText, liveStep, error } = useRunEvents(runId)
  const run = useQuery({ queryKey: ['run', environment, runId], queryFn: () => client.runs.get(runId) })
  useTitle(run.data ? `${run.data.status}: ${visible(run.data.input.slice(0, 60))}` : 'Run')
  useReadAgain(['run', environment, runId], events.length, error)

  if (run.error && !run.data)
    return (
      <>
        <h1 className="mb-4 text-xl font-semibold">Run</h1>
        <ProblemNote error={run.error} onRetry={run.refetch} />
      </>
    )
  if (!run.data) return <p className="text-muted">Loading …</p>
  const ended = hasEnded(run.data.status)
  return (
    <>
      <RunSummary run={run.data} />
      {run.data.status === 'waiting' && <PendingApprovals runId={runId} />}
      {run.data.output && (
        <section aria-labelledby="answer" className="panel border-l-good mt-4 border-l-4 p-4">
          <h2 id="answer" className="mb-1 font-semibold">
            Answer
          </h2>
          <UntrustedText text={run.data.output} />
        </section>
      )}
      <h2 className="mt-7 mb-3 text-base font-semibold">Timeline</h2>
      {error && <ProblemNote error={error} onRetry={onRetry} />}
      <Waterfall events={events} liveStep={liveStep} ended={ended} />
      <h2 className="mt-7 mb-3 text-base font-semibold">Events</h2>
      {events.length > 0 && <EventLog events={events} />}
      {liveStep !== undefined && (
        <div className="panel mt-3 grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-3 px-4 py-3">
          <Bot aria-hidden className="text-info mt-0.5 size-5 animate-pulse" />
          <div className="space-y-1.5">
            <p className="font-medium">Model call {liveStep} is under way</p>
            <UntrustedText text={liveText} />
          </div>
        </div>
      )}
      <IncidentLink about={{ kind: 'run', id: runId }} />
    </>
  )
}

/** The log says when something has changed, or that nobody is signed in any more; the summary is read again then. */
function useReadAgain(key: readonly unknown[], events: number, error: Error | undefined): void {
  const queries = useQueryClient()
  const name = JSON.stringify(key)
  useEffect(() => {
    if (events > 0 || error) void queries.invalidateQueries({ queryKey: JSON.parse(name) })
  }, [queries, name, events, error])
}

function PendingApprovals({ runId }: { runId: string }) {
  const { client, environment } = useClient()
  const [open, setOpen] = useState<Approval>()
  const approvals = useQuery({
    queryKey: ['approvals', environment, 'of-run', runId],
    queryFn: () => client.approvals.list({ runId, status: 'pending' }),
    refetchInterval: 3000,
  })
  return (
    <section aria-label="Approvals" className="mt-4 space-y-2">
      {approvals.error && <ProblemNote error={approvals.error} />}
      {approvals.data?.data.map(approval => (
        <div key={approval.id} className="panel border-warn flex flex-wrap items-center gap-3 p-4">
          <ShieldQuestion aria-hidden className="text-warn size-5 shrink-0" />
          <div className="mr-auto min-w-0">
            <p className="font-medium break-words">
              The agent asks to call <Untrusted text={approval.tool} />
            </p>
            <p className="text-muted">
              A person decides; the question expires <Countdown until={approval.expiresAt} />.
            </p>
          </div>
          <button type="button" className="action-main" onClick={() => setOpen(approval)}>
            Review
          </button>
        </div>
      ))}
      {open && <ApprovalDialog approval={open} onClose={() => setOpen(undefined)} />}
    </section>
  )
}
