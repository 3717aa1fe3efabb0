import { useQuery, keepPreviousData } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useClient } from '../api/use-client.ts'
import { useLive } from '../parts/live-toggle.tsx'
import { Empty, ProblemNote } from '../parts/problem.tsx'
import { RunFilters } from '../parts/run-filters.tsx'
import { RunTable } from '../parts/run-table.tsx'
import { boundsOf } from '../parts/since.ts'
import { useSlashKey } from '../parts/slash-key.tsx'
import { useTitle } from '../parts/use-title.ts'

const pageSize = 25

/** Runs, newest first; the filters stand in the address. */
export function RunsPage() {
  const { client, environment } = useClient()
  const filters = useSearch({ from: '/frame/runs' })
  const { agent, status, session, cursor, since } = filters
  const { refetchInterval, toggle } = useLive()
  const { target, choice } = useSlashKey<HTMLSelectElement>()
  useTitle('Runs')
  const query = useQuery({
    queryKey: ['runs', environment, filters],
    queryFn: () =>
      client.runs.list({
        agent,
        status,
        sessionId: session,
        cursor,
        ...boundsOf(filters, Date.now()),
        limit: pageSize,
      }),
    refetchInterval,
    placeholderData: keepPreviousData,
  })
  const runs = query.data?.data ?? []
  const filtered = Boolean(agent ?? status ?? session ?? since ?? cursor)
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-xl font-semibold">Runs</h1>
        {toggle}
      </div>
      <RunFilters first={target} />
      {query.error && <ProblemNote error={query.error} onRetry={query.refetch} />}
      {query.isPending && <p className="text-muted">Loading …</p>}
      {query.data && runs.length === 0 && (filtered ? <NothingFits /> : <NoRuns />)}
      {runs.length > 0 && <RunTable runs={runs} />}
      <div className="mt-4 flex flex-wrap items-center justify-between gap-3">
        {choice}
        <nav aria-label="Pages" className="ml-auto flex gap-2 empty:hidden">
          {cursor && (
            <Link className="action" to="/runs" search={{ ...filters, cursor: undefined }}>
              Newest
            </Link>
          )}
          {query.data?.nextCursor && (
            <Link className="action" to="/runs" search={{ ...filters, cursor: query.data.nextCursor }}>
              Older
            </Link>
          )}
        </nav>
      </div>
    </>
  )
}

const NoRuns = () => (
  <Empty title="No runs yet" command={'npx causeway run support "Where is order 1042?"'}>
    Type this in the folder where the platform was started; the run appears here at once.
  </Empty>
)

function NothingFits() {
  const { environment } = useClient()
  return (
    <Empty title="No run fits these filters">
      <Link className="action mt-3" to="/runs" search={{ environment }}>
        Show all runs
      </Link>
    </Empty>
  )
}
