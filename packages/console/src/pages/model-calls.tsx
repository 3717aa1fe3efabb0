import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useClient } from '../api/use-client.ts'
import { useLive } from '../parts/live-toggle.tsx'
import { ModelCallFilters } from '../parts/model-call-filters.tsx'
import { ModelCallTable } from '../parts/model-call-table.tsx'
import { Empty, ProblemNote } from '../parts/problem.tsx'
import { boundsOf } from '../parts/since.ts'
import { useSlashKey } from '../parts/slash-key.tsx'
import { useTitle } from '../parts/use-title.ts'

const pageSize = 25

/** Requests to the model gateway, newest first; the filters stand in the address. */
export function ModelCallsPage() {
  const { client, environment } = useClient()
  const filters = useSearch({ from: '/frame/model-calls' })
  const { outcome, route, provider, model, since, after, before, cursor, key, team, user, agent, session, cost } =
    filters
  const { refetchInterval, toggle } = useLive()
  const { target, choice } = useSlashKey<HTMLSelectElement>()
  useTitle('Model calls')
  const query = useQuery({
    queryKey: ['model-calls', environment, filters],
    queryFn: () => {
      const { createdAfter, createdBefore } = boundsOf({ since, after, before }, Date.now())
      return client.modelCalls.list({
        outcome,
        route,
        provider,
        model,
        cursor,
        apiKeyId: key,
        teamId: team,
        userId: user,
        agent,
        sessionId: session,
        minNanoUsd: cost === undefined ? undefined : Math.round(cost * 1e9),
        startedAfter: createdAfter,
        startedBefore: createdBefore,
        limit: pageSize,
      })
    },
    refetchInterval,
    placeholderData: keepPreviousData,
  })
  const calls = query.data?.data ?? []
  const filtered = Object.entries(filters).some(([name, value]) => name !== 'environment' && value !== undefined)
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-xl font-semibold">Model calls</h1>
        {toggle}
      </div>
      <ModelCallFilters first={target} />
      {query.error && <ProblemNote error={query.error} onRetry={query.refetch} />}
      {query.isPending && <p className="text-muted">Loading …</p>}
      {query.data && calls.length === 0 && (filtered ? <NothingFits /> : <NoCalls />)}
      {calls.length > 0 && <ModelCallTable calls={calls} />}
      <div className="mt-4 flex flex-wrap items-center justify-between gap-3">
        {choice}
        <nav aria-label="Pages" className="ml-auto flex gap-2 empty:hidden">
          {cursor && (
            <Link className="action" to="/model-calls" search={{ ...filters, cursor: undefined }}>
              Newest
            </Link>
          )}
          {query.data?.nextCursor && (
            <Link className="action" to="/model-calls" search={{ ...filters, cursor: query.data.nextCursor }}>
              Older
            </Link>
          )}
        </nav>
      </div>
    </>
  )
}

const NoCalls = () => (
  <Empty
    title="No requests to the model gateway yet"
    command={`curl ${window.location.origin}/v1/chat/completions -H "authorization: Bearer $CAUSEWAY_API_KEY" -H "content-type: application/json" -d '{"model":"support","messages":[{"role":"user","content":"hello"}]}'`}
  >
    Point any client of OpenAI, Anthropic or Google at this address. Model calls of runs stand in the runs.
  </Empty>
)

function NothingFits() {
  const { environment } = useClient()
  return (
    <Empty title="No model call fits these filters">
      <Link className="action mt-3" to="/model-calls" search={{ environment }}>
        Show all model calls
      </Link>
    </Empty>
  )
}
