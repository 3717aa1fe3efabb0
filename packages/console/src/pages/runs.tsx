import { hasEnded, RunStatus, type Run } from '@causeway/contracts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useClient } from '../api/use-client.ts'
import { duration, moment, usd } from '../parts/figures.ts'
import { Empty, ProblemNote } from '../parts/problem.tsx'
import { RehearsalMark, StatusBadge } from '../parts/status-badge.tsx'
import { visible } from '../parts/untrusted-text.tsx'

/** Runs, newest first; the filters stand in the address. */
export function RunsPage() {
  const { client, environment } = useClient()
  const filters = useSearch({ from: '/frame/runs' })
  const { agent, status, cursor } = filters
  const query = useQuery({
    queryKey: ['runs', environment, filters],
    queryFn: () => client.runs.list({ agent, status, cursor, limit: 25 }),
    refetchInterval: 3000,
    placeholderData: keepPreviousData,
  })
  const runs = query.data?.data ?? []
  const filtered = Boolean(agent ?? status ?? cursor)
  return (
    <>
      <div className="mb-4 flex flex-wrap items-end gap-3">
        <h1 className="mr-auto text-xl font-semibold">Runs</h1>
        <Filters />
      </div>
      {query.error && <ProblemNote error={query.error} />}
      {query.isPending && <p className="text-muted">Loading …</p>}
      {query.data && runs.length === 0 && (
        <Empty
          title={filtered ? 'No run fits these filters' : 'No runs yet'}
          {...(!filtered && { command: 'npx causeway run support "Where is order 1042?"' })}
        />
      )}
      {runs.length > 0 && <RunTable runs={runs} />}
      <div className="mt-4 flex justify-end gap-2">
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
      </div>
    </>
  )
}

function Filters() {
  const { client, environment } = useClient()
  const filters = useSearch({ from: '/frame/runs' })
  const navigate = useNavigate({ from: '/runs' })
  const agents = useQuery({
    queryKey: ['agents', environment],
    queryFn: () => client.agents.list({ limit: 200 }),
    staleTime: 30_000,
  })
  const names = agents.data?.data.map(({ name }) => name) ?? []
  const change = (part: Partial<typeof filters>): void =>
    void navigate({ search: { ...filters, cursor: undefined, ...part } })
  return (
    <>
      <label>
        <span className="text-muted block text-xs">Agent</span>
        <select
          className="field"
          value={filters.agent ?? ''}
          onChange={event => change({ agent: event.target.value || undefined })}
        >
          <option value="">all</option>
          {[...new Set([...names, ...(filters.agent ? [filters.agent] : [])])].map(name => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        <span className="text-muted block text-xs">Status</span>
        <select
          className="field"
          value={filters.status ?? ''}
          onChange={event => change({ status: RunStatus.safeParse(event.target.value).data })}
        >
          <option value="">all</option>
          {RunStatus.options.map(option => (
            <option key={option}>{option}</option>
          ))}
        </select>
      </label>
    </>
  )
}

function RunTable({ runs }: { runs: readonly Run[] }) {
  const { environment } = useClient()
  const cell = 'px-4 py-2.5 text-left'
  return (
    <div className="panel overflow-x-auto" role="region" aria-label="Runs" tabIndex={0}>
      <table className="w-full">
        <caption className="sr-only">Runs, newest first</caption>
        <thead className="text-muted border-line border-b text-xs">
          <tr>
            {['Run', 'Agent', 'Status', 'Tokens', 'Cost', 'Worked', 'Created'].map(title => (
              <th key={title} scope="col" className={`${cell} font-medium`}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-line divide-y">
          {runs.map(run => (
            <tr key={run.id} className="hover:bg-sunken">
              <th scope="row" className={`${cell} max-w-72 font-normal`}>
                <Link
                  className="text-accent block truncate py-0.5 font-medium underline-offset-2 hover:underline"
                  to="/runs/$runId"
                  params={{ runId: run.id }}
                  search={{ environment }}
                >
                  {visible(run.input)}
                </Link>
              </th>
              <td className={cell}>{run.agent}</td>
              <td className={cell}>
                <span className="flex items-center gap-2">
                  <StatusBadge status={run.status} />
                  {run.rehearsal && <RehearsalMark />}
                </span>
                {hasEnded(run.status) && run.status !== 'succeeded' && run.reason !== run.status && (
                  <span className="text-muted text-xs">{run.reason}</span>
                )}
              </td>
              <td className={`${cell} tabular-nums`}>{run.spent.inputTokens + run.spent.outputTokens}</td>
              <td className={`${cell} tabular-nums`}>{usd(run.spent.nanoUsd)}</td>
              <td className={`${cell} whitespace-nowrap tabular-nums`}>{duration(run.spent.seconds * 1000)}</td>
              <td className={`${cell} text-muted whitespace-nowrap`}>{moment(run.createdAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
