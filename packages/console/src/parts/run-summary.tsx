import { hasEnded, type LimitName, type Run } from '@causeway/contracts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleStop } from 'lucide-react'
import type { ReactNode } from 'react'
import { useClient } from '../api/use-client.ts'
import { useMe } from '../api/use-me.ts'
import { CopyButton } from './copy-button.tsx'
import { duration, moment, usd } from './figures.ts'
import { ProblemNote } from './problem.tsx'
import { RehearsalMark, StatusBadge } from './status-badge.tsx'
import { Untrusted } from './untrusted-text.tsx'
import { useNow } from './use-now.ts'

const shownOfInput = 240

/** What a run is and what it has used up of what it may. */
export function RunSummary({ run }: { run: Run }) {
  const { environment } = useClient()
  const title = run.input.length > shownOfInput ? `${run.input.slice(0, shownOfInput)} …` : run.input
  return (
    <section aria-label="Summary">
      <p className="text-muted flex items-center gap-x-1.5">
        <Link
          to="/runs"
          search={{ environment, agent: run.agent }}
          className="text-accent shrink-0 py-1 underline-offset-2 hover:underline"
        >
          {run.agent}
        </Link>
        <span aria-hidden>/</span>
        <span className="min-w-0 truncate font-mono text-xs">{run.id}</span>
        <CopyButton text={run.id} what="run id" />
      </p>
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
        <h1 className="min-w-0 flex-1 basis-80 text-xl font-semibold break-words">
          <Untrusted text={title} />
        </h1>
        <CancelButton run={run} />
      </div>
      <div role="status" className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1">
        <StatusBadge status={run.status} />
        {run.rehearsal && <RehearsalMark />}
        {run.message && (
          <span className="text-muted min-w-0 break-words">
            <Untrusted text={run.message} />
          </span>
        )}
      </div>
      <Spending run={run} />
      <Facts run={run} />
    </section>
  )
}

/** Spent against limits. */
function Spending({ run: { spent, limits, limit } }: { run: Run }) {
  const tokens = spent.inputTokens + spent.outputTokens
  const parts: [LimitName, string, number, string, string][] = [
    ['steps', 'Model calls', spent.steps / limits.steps, `${spent.steps}`, `${limits.steps}`],
    ['toolCalls', 'Tool calls', spent.toolCalls / limits.toolCalls, `${spent.toolCalls}`, `${limits.toolCalls}`],
    ['tokens', 'Tokens', tokens / limits.tokens, tokens.toLocaleString(), limits.tokens.toLocaleString()],
    ['costUsd', 'Cost', spent.nanoUsd / 1e9 / limits.costUsd, usd(spent.nanoUsd), usd(limits.costUsd * 1e9)],
    [
      'seconds',
      'Worked',
      spent.seconds / limits.seconds,
      duration(spent.seconds * 1000),
      duration(limits.seconds * 1000),
    ],
  ]
  return (
    <dl className="panel mt-4 grid grid-cols-2 gap-x-6 gap-y-4 p-4 sm:grid-cols-3 lg:grid-cols-5">
      {parts.map(([name, title, share, used, allowed]) => (
        <div key={name} className="min-w-0">
          <dt className="text-muted text-xs">{title}</dt>
          <dd className="tabular-nums">
            <span className="text-base font-semibold">{used}</span> <span className="text-muted">of {allowed}</span>
            {limit === name && <span className="text-bad ml-1.5 text-xs font-medium">limit reached</span>}
            <span aria-hidden className="bg-sunken mt-1.5 block h-1 overflow-hidden rounded-full">
              <span
                className={`block h-1 ${limit === name ? 'bg-bad' : 'bg-accent'}`}
                style={{ width: `${Number.isFinite(share) ? Math.min(100, share * 100) : 0}%` }}
              />
            </span>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Facts({ run }: { run: Run }) {
  return (
    <dl className="mt-4 grid grid-cols-2 gap-x-6 gap-y-3 px-4 sm:grid-cols-3 lg:grid-cols-5">
      <Fact name="Created">
        <time dateTime={run.createdAt}>{moment(run.createdAt)}</time>
      </Fact>
      <Fact name="Wall time">
        <WallTime run={run} />
      </Fact>
      <Fact name="Requested by">
        <Untrusted text={run.requestedBy} />
      </Fact>
      <Fact name="Session">
        <SessionLinks run={run} />
      </Fact>
      <Fact name="Trace">
        <span className="flex items-center gap-1">
          <span className="truncate font-mono text-xs">{run.traceId}</span>
          <CopyButton text={run.traceId} what="trace id" />
        </span>
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted text-xs">{name}</dt>
      <dd className="break-words">{children}</dd>
    </div>
  )
}

function WallTime({ run }: { run: Run }) {
  const now = useNow(hasEnded(run.status) ? null : 1000)
  const end = run.endedAt ? Date.parse(run.endedAt) : now
  return <>{duration(Math.max(0, end - Date.parse(run.createdAt)))}</>
}

function SessionLinks({ run }: { run: Run }) {
  const { client, environment } = useClient()
  const { data } = useQuery({
    queryKey: ['session-runs', environment, run.sessionId],
    queryFn: () => client.runs.list({ sessionId: run.sessionId, limit: 200 }),
  })
  // Ids of runs grow with time.
  const earlier = data?.data.find(({ id }) => id < run.id)
  const later = data?.data.findLast(({ id }) => id > run.id)
  const link = 'text-accent underline underline-offset-2'
  return (
    <span className="flex flex-wrap gap-x-3">
      <Link className={link} to="/runs" search={{ environment, session: run.sessionId }}>
        all its runs
      </Link>
      {earlier && (
        <Link className={link} to="/runs/$runId" params={{ runId: earlier.id }} search={{ environment }}>
          earlier
        </Link>
      )}
      {later && (
        <Link className={link} to="/runs/$runId" params={{ runId: later.id }} search={{ environment }}>
          later
        </Link>
      )}
    </span>
  )
}

function CancelButton({ run }: { run: Run }) {
  const { client } = useClient()
  const { may } = useMe()
  const cancel = useMutation({ mutationFn: () => client.runs.cancel(run.id) })
  if (hasEnded(run.status) || !may('runs:write')) return null
  return (
    <div>
      <button
        type="button"
        className="action text-bad"
        disabled={cancel.isPending || cancel.isSuccess}
        onClick={() => cancel.mutate()}
      >
        <CircleStop aria-hidden className="size-4" /> {cancel.isSuccess ? 'Cancelling …' : 'Cancel run'}
      </button>
      {cancel.error && <ProblemNote error={cancel.error} />}
    </div>
  )
}
