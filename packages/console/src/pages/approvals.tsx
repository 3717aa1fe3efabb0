import { ApprovalStatus, type Approval } from '@causeway/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useClient } from '../api/use-client.ts'
import { ApprovalDialog } from '../parts/approval-dialog.tsx'
import { moment } from '../parts/figures.ts'
import { Empty, ProblemNote } from '../parts/problem.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { UntrustedJson, visible } from '../parts/untrusted-text.tsx'

/** Calls that wait for a person, and those that were decided. */
export function ApprovalsPage() {
  const { client, environment } = useClient()
  const { status = 'pending', cursor } = useSearch({ from: '/frame/approvals' })
  const [open, setOpen] = useState<Approval>()
  const query = useQuery({
    queryKey: ['approvals', environment, status, cursor],
    queryFn: () => client.approvals.list({ status, cursor, limit: 25 }),
    refetchInterval: 3000,
  })
  return (
    <>
      <h1 className="text-xl font-semibold">Approvals</h1>
      <nav aria-label="Status" className="mt-3 mb-4 flex flex-wrap gap-2">
        {ApprovalStatus.options.map(each => (
          <Link
            key={each}
            to="/approvals"
            search={{ environment, status: each }}
            aria-current={each === status ? 'true' : undefined}
            className="action capitalize aria-[current=true]:border-accent aria-[current=true]:text-accent"
          >
            {each}
          </Link>
        ))}
      </nav>
      {query.error && <ProblemNote error={query.error} />}
      {query.data?.data.length === 0 && (
        <Empty title={status === 'pending' ? 'Nothing waits for you' : `Nothing ${status}`} />
      )}
      <ul className="space-y-3">
        {query.data?.data.map(approval => (
          <li key={approval.id} className="panel p-4">
            <div className="mb-3 flex flex-wrap items-center gap-3">
              <h2 className="font-medium">
                {visible(approval.agent)} · {visible(approval.tool)}
              </h2>
              <StatusBadge status={approval.status} />
              <span className="text-muted">{moment(approval.createdAt)}</span>
              <span className="ml-auto flex gap-2">
                <Link className="action" to="/runs/$runId" params={{ runId: approval.runId }} search={{ environment }}>
                  Run
                </Link>
                {approval.status === 'pending' && (
                  <button type="button" className="action-main" onClick={() => setOpen(approval)}>
                    Review
                  </button>
                )}
              </span>
            </div>
            <UntrustedJson value={approval.arguments} label="Arguments" />
          </li>
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
