import { IncidentSeverity, IncidentStatus, IncidentSubject, type Incident } from '@causeway/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useClient } from '../api/use-client.ts'
import { useMe } from '../api/use-me.ts'
import { Ago } from '../parts/instant.tsx'
import { Empty, ProblemNote } from '../parts/problem.tsx'
import { Untrusted } from '../parts/untrusted-text.tsx'
import { useTitle } from '../parts/use-title.ts'

/** What went wrong, newest first, and a form to say so. */
export function IncidentsPage() {
  const { client, environment } = useClient()
  const { may } = useMe()
  const filters = useSearch({ from: '/frame/incidents' })
  const { status, about, cursor } = filters
  useTitle('Incidents')
  const query = useQuery({
    queryKey: ['incidents', environment, filters],
    queryFn: () => client.incidents.list({ status, about: subjectOf(about)?.id, cursor, limit: 25 }),
    refetchInterval: 10_000,
  })
  const tab = 'action aria-[current=true]:border-accent aria-[current=true]:text-accent'
  return (
    <>
      <h1 className="mb-1 text-xl font-semibold">Incidents</h1>
      <p className="text-muted mb-4 max-w-prose">
        What went wrong, and what is done about it. To stop something at once, freeze it.
      </p>
      {may('incidents:write') && <NewIncident about={about} />}
      <nav aria-label="Status" className="mb-4 flex flex-wrap gap-2">
        {[undefined, ...IncidentStatus.options].map(each => (
          <Link
            key={each ?? 'all'}
            to="/incidents"
            search={{ environment, about, status: each }}
            aria-current={status === each ? 'true' : undefined}
            className={tab}
          >
            {each ?? 'all'}
          </Link>
        ))}
      </nav>
      {query.error && <ProblemNote error={query.error} onRetry={query.refetch} />}
      {query.isPending && <p className="text-muted">Loading …</p>}
      {query.data?.data.length === 0 && <Empty title={status ? `No incident is ${status}` : 'No incident'} />}
      <ul className="space-y-3">
        {query.data?.data.map(incident => (
          <Item key={incident.id} incident={incident} />
        ))}
      </ul>
      {query.data?.nextCursor && (
        <Link className="action mt-4" to="/incidents" search={{ ...filters, cursor: query.data.nextCursor }}>
          Older
        </Link>
      )}
    </>
  )
}

function Item({ incident: { id, title, severity, status, assignee, openedAt } }: { incident: Incident }) {
  const { environment } = useClient()
  return (
    <li className="panel p-4">
      <h2 className="font-medium break-words">
        <Link
          className="text-accent underline"
          to="/incidents/$incidentId"
          params={{ incidentId: id }}
          search={{ environment }}
        >
          <Untrusted text={title} />
        </Link>
      </h2>
      <p className="text-muted mt-0.5">
        <span className={status === 'open' ? 'text-bad' : undefined}>{status}</span> · {severity} · opened{' '}
        <Ago instant={openedAt} />
        {assignee !== null && (
          <>
            {' '}
            · with <Untrusted text={assignee} />
          </>
        )}
      </p>
    </li>
  )
}

/** @param about such as run:run_1, from the page of what went wrong */
function NewIncident({ about }: { about: string | undefined }) {
  const { client, environment } = useClient()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [title, setTitle] = useState('')
  const [severity, setSeverity] = useState<IncidentSeverity>('high')
  const subject = subjectOf(about)
  const open = useMutation({
    mutationFn: () => client.incidents.open({ title, severity, about: subject ? [subject] : [] }),
    onSuccess: ({ id }) =>
      navigate({ to: '/incidents/$incidentId', params: { incidentId: id }, search: { environment } }),
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <form
      className="panel mb-6 p-4"
      aria-label="Open an incident"
      onSubmit={event => {
        event.preventDefault()
        open.mutate()
      }}
    >
      <div className="flex flex-wrap items-end gap-3">
        <label className="block min-w-60 grow">
          <span className="font-medium">What went wrong</span>
          <input
            className="field mt-1.5 block w-full"
            value={title}
            required
            maxLength={200}
            onChange={event => setTitle(event.target.value)}
          />
        </label>
        <label className="block">
          <span className="font-medium">Severity</span>
          <select
            className="field mt-1.5 block"
            value={severity}
            onChange={event => setSeverity(IncidentSeverity.parse(event.target.value))}
          >
            {IncidentSeverity.options.map(each => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <button type="submit" className="action" disabled={open.isPending || title.trim() === ''}>
          Open incident
        </button>
      </div>
      {subject && (
        <p className="text-muted mt-2">
          about {subject.kind} <Untrusted text={subject.id} />
        </p>
      )}
      <div className="mt-3 empty:hidden">{open.error && <ProblemNote error={open.error} />}</div>
    </form>
  )
}

/** What an address names, such as run:run_1. */
function subjectOf(about: string | undefined): IncidentSubject | undefined {
  const at = about?.indexOf(':') ?? -1
  return IncidentSubject.safeParse({ kind: about?.slice(0, Math.max(at, 0)), id: about?.slice(at + 1) }).data
}
