import { hasEnded, type Approval, type Run } from '@causeway/contracts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Bot, CircleStop, ShieldQuestion } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import { useClient } from '../api/use-client.ts'
import { useRunEvents } from '../api/use-run-events.ts'
import { ApprovalDialog } from '../parts/approval-dialog.tsx'
import { duration, moment, usd } from '../parts/figures.ts'
import { ProblemNote } from '../parts/problem.tsx'
import { RehearsalMark, StatusBadge } from '../parts/status-badge.tsx'
import { Timeline } from '../parts/timeline.tsx'
import { UntrustedText, visible } from '../parts/untrusted-text.tsx'

/** One run: what it is, what it has used up, and its log as it grows. */
export function RunPage() {
  const { runId } = useParams({ from: '/frame/runs/$runId' })
  return <RunView key={runId} runId={runId} />
}

function RunView({ runId }: { runId: string }) {
  const { client, environment } = useClient()
  const { events, liveText, liveStep, error } = useRunEvents(runId)
  const run = useQuery({ queryKey: ['run', environment, runId], queryFn: () => client.runs.get(runId) })
  const approvals = useQuery({
    queryKey: ['approvals', environment, 'of-run', runId],
    queryFn: () => client.approvals.list({ runId, status: 'pending' }),
    enabled: run.data?.status === 'waiting',
  })
  // The log says when something has changed; the summary is read again then.
  const { refetch } = run
  const length = events.length
  useEffect(() => {
    if (length > 0) void refetch()
  }, [length, refetch])

  if (run.error) return <ProblemNote error={run.error} />
  if (!run.data) return <p className="text-muted">Loading …</p>
  return (
    <>
      <Summary run={run.data} />
      {run.data.status === 'waiting' && <Pending approvals={approvals.data?.data ?? []} />}
      <h2 className="mt-6 mb-3 text-base font-semibold">Timeline</h2>
      {error && <ProblemNote error={error} />}
      {events.length > 0 && <Timeline events={events} />}
      {liveStep !== undefined && (
        <div className="panel mt-3 flex gap-3 p-4">
          <Bot aria-hidden className="text-info size-5 shrink-0 animate-pulse" />
          <div>
            <p className="font-medium">Model call {liveStep} is under way</p>
            <UntrustedText text={liveText} />
          </div>
        </div>
      )}
    </>
  )
}

function Summary({ run }: { run: Run }) {
  const { spent, limits } = run
  return (
    <section aria-label="Summary">
      <div className="flex flex-wrap items-start gap-3">
        <div className="mr-auto min-w-0">
          <p className="text-muted">
            {run.agent} · <span className="font-mono text-xs">{run.id}</span>
          </p>
          <h1 className="max-w-3xl text-xl font-semibold break-words">{visible(run.input)}</h1>
        </div>
        {!hasEnded(run.status) && <CancelButton run={run} />}
      </div>
      <div aria-live="polite" className="mt-2 flex flex-wrap items-center gap-3">
        <StatusBadge status={run.status} />
        {run.rehearsal && <RehearsalMark />}
        {run.message && <span className="text-muted">{visible(run.message)}</span>}
      </div>
      <dl className="panel mt-4 grid grid-cols-2 gap-x-6 gap-y-3 p-4 sm:grid-cols-4">
        <Figure name="Model calls">
          {spent.steps} of {limits.steps}
        </Figure>
        <Figure name="Tool calls">
          {spent.toolCalls} of {limits.toolCalls}
        </Figure>
        <Figure name="Tokens">
          {(spent.inputTokens + spent.outputTokens).toLocaleString()} of {limits.tokens.toLocaleString()}
        </Figure>
        <Figure name="Cost">
          {usd(spent.nanoUsd)} of ${limits.costUsd}
        </Figure>
        <Figure name="Worked">
          {duration(spent.seconds * 1000)} of {limits.seconds} s
        </Figure>
        <Figure name="Requested by">{visible(run.requestedBy)}</Figure>
        <Figure name="Created">{moment(run.createdAt)}</Figure>
        <Figure name="Session">
          <SessionLink run={run} />
        </Figure>
      </dl>
    </section>
  )
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted text-xs">{name}</dt>
      <dd className="truncate tabular-nums">{children}</dd>
    </div>
  )
}

function SessionLink({ run }: { run: Run }) {
  const { client, environment } = useClient()
  const others = useQuery({
    queryKey: ['session-runs', environment, run.sessionId],
    queryFn: () => client.runs.list({ sessionId: run.sessionId, limit: 20 }),
  })
  const earlier = others.data?.data.filter(({ id }) => id < run.id)[0]
  if (!earlier) return <>first run</>
  return (
    <Link className="text-accent underline" to="/runs/$runId" params={{ runId: earlier.id }} search={{ environment }}>
      run before this
    </Link>
  )
}

function CancelButton({ run }: { run: Run }) {
  const { client } = useClient()
  const cancel = useMutation({ mutationFn: () => client.runs.cancel(run.id) })
  return (
    <button type="button" className="action text-bad" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
      <CircleStop aria-hidden className="size-4" /> Cancel run
    </button>
  )
}

function Pending({ approvals }: { approvals: readonly Approval[] }) {
  const [open, setOpen] = useState<Approval>()
  return (
    <section aria-label="Approvals" className="mt-4 space-y-2">
      {approvals.map(approval => (
        <div key={approval.id} className="panel border-warn flex flex-wrap items-center gap-3 p-4">
          <ShieldQuestion aria-hidden className="text-warn size-5" />
          <p className="mr-auto font-medium">The agent asks to call {visible(approval.tool)}</p>
          <button type="button" className="action-main" onClick={() => setOpen(approval)}>
            Review
          </button>
        </div>
      ))}
      {open && <ApprovalDialog approval={open} onClose={() => setOpen(undefined)} />}
    </section>
  )
}
