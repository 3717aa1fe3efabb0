import { ApprovalStatus, type Approval } from '@causeway/contracts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useClient } from '../api/use-client.ts'
import { ApprovalDialog } from '../parts/approval-dialog.tsx'
import { Countdown } from '../parts/countdown.tsx'
import { Ago } from '../parts/instant.tsx'
import { useLive } from '../parts/live-toggle.tsx'
import { Empty, ProblemNote } from '../parts/problem.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { Untrusted, UntrustedJson } from '../parts/untrusted-text.tsx'
import { useTitle } from '../parts/use-title.ts'

/** Calls that wait for a person, and those that were decided. */
export function ApprovalsPage() {
  const { client, environment } = useClient()
  const { status = 'pending', cursor } = useSearch({ from: '/frame/approvals' })
  const [open, setOpen] = useState<Approval>()
  const { refetchInterval, toggle } = useLive()
  useTitle('Approvals')
  const query = useQuery({
    queryKey: ['approvals', environment, status, cursor],
    queryFn: () => client.approvals.list({ status, cursor, limit: 25 }),
    refetchInterval,
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-xl font-semibold">Approvals</h1>
        {toggle}
      </div>
      <nav aria-label="Status" className="mb-4 flex flex-wrap gap-2">
        {ApprovalStatus.options.map(each => (
          <Link
            key={each}
            to="/approvals"
            search={{ environment, status: each }}
            aria-current={each === status ? 'true' : undefined}
            className="action aria-[current=true]:border-accent aria-[current=true]:text-accent capitalize"
          >
            {each}
          </Link>
        ))}
      </nav>
      {query.error && <ProblemNote error={query.error} onRetry={query.refetch} />}
      {query.isPending && <p className="text-muted">Loading …</p>}
      {query.data?.data.length === 0 &&
        (status === 'pending' ? (
          <Empty title="Nothing waits for you">
            When a policy wants a person to decide about a tool call, it appears here.
          </Empty>
        ) : (
          <Empty title={`Nothing ${status}`} />
        ))}
      <ul className="space-y-3">
        {query.data?.data.map(approval => (
          <Item key={approval.id} approval={approval} onReview={() => setOpen(approval)} />
        ))}
      </ul>
      {query.data?.nextCursor && (
        <Link className="action mt-4" to="/approvals" search={{ environment, status, cursor: query.data.nextCursor }}>
          Older
        </Link>
      )}
      {open && <ApprovalDialog approval={open} onClose={() => setOpen(undefined)} />}
    </>
  )
}

function Item({ approval, onReview }: { approval: Approval; onReview: () => void }) {
  const { environment } = useClient()
  const { status, decidedAt, decidedBy, comment } = approval
  return (
    <li className="panel p-4">
      <div className="mb-3 flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="mr-auto min-w-0">
          <h2 className="flex flex-wrap gap-x-3 font-medium break-words">
            <span>
              <Untrusted text={approval.agent} /> asks to call <Untrusted text={approval.tool} />
            </span>
            <StatusBadge status={status} />
          </h2>
          <p className="text-muted mt-0.5">
            <Ago instant={approval.createdAt} /> for <Untrusted text={approval.requestedBy} />
            {status === 'pending' && (
              <>
                {' '}
                · expires <Countdown until={approval.expiresAt} />
              </>
            )}
            {decidedAt && decidedBy && (
              <>
                {' '}
                · {status} by <Untrusted text={decidedBy} /> <Ago instant={decidedAt} />
              </>
            )}
          </p>
        </div>
        <span className="flex gap-2">
          <Link className="action" to="/runs/$runId" params={{ runId: approval.runId }} search={{ environment }}>
            See the run
          </Link>
          {status === 'pending' && (
            <button type="button" className="action-main" onClick={onReview}>
              Review
            </button>
          )}
        </span>
      </div>
      <UntrustedJson value={approval.arguments} label={`Arguments of ${approval.tool}, ${approval.id}`} />
      {comment && (
        <p className="mt-3 max-w-prose break-words">
          “<Untrusted text={comment} />”
        </p>
      )}
    </li>
  )
}
