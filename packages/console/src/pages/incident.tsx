import type { AddIncidentEntry, IncidentDetail, IncidentEntry, IncidentSubject } from '@causeway/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useClient } from '../api/use-client.ts'
import { useMe } from '../api/use-me.ts'
import { Ago } from '../parts/instant.tsx'
import { ProblemNote } from '../parts/problem.tsx'
import { Untrusted, UntrustedText } from '../parts/untrusted-text.tsx'
import { useTitle } from '../parts/use-title.ts'

/** One incident: what it is about, what was done, and a form to note more. */
export function IncidentPage() {
  const { client, environment } = useClient()
  const { may } = useMe()
  const { incidentId: id } = useParams({ from: '/frame/incidents/$incidentId' })
  useTitle('Incident')
  const query = useQuery({
    queryKey: ['incident', environment, id],
    queryFn: () => client.incidents.get(id),
    refetchInterval: 5_000,
  })
  if (query.error) return <ProblemNote error={query.error} onRetry={query.refetch} />
  if (!query.data) return <p className="text-muted">Loading …</p>
  const { title, severity, status, about, assignee, timeline } = query.data
  return (
    <>
      <h1 className="mb-1 text-xl font-semibold break-words">
        <Untrusted text={title} />
      </h1>
      <p className="text-muted mb-2">
        <span className={status === 'open' ? 'text-bad' : undefined}>{status}</span> · {severity}
        {assignee !== null && (
          <>
            {' '}
            · with <Untrusted text={assignee} />
          </>
        )}
      </p>
      {about.length > 0 && (
        <ul aria-label="What it is about" className="mb-4">
          {about.map(subject => (
            <li key={`${subject.kind}/${subject.id}`}>
              <Subject subject={subject} />
            </li>
          ))}
        </ul>
      )}
      {may('incidents:write') && <NewEntry incident={query.data} />}
      <ol aria-label="Timeline" className="space-y-3">
        {timeline.map((entry, place) => (
          <Entry key={place} entry={entry} />
        ))}
      </ol>
    </>
  )
}

function Subject({ subject: { kind, id } }: { subject: IncidentSubject }) {
  const { environment } = useClient()
  const style = 'text-accent underline'
  if (kind === 'run')
    return (
      <Link className={style} to="/runs/$runId" params={{ runId: id }} search={{ environment }}>
        run <Untrusted text={id} />
      </Link>
    )
  if (kind === 'model-call')
    return (
      <Link className={style} to="/model-calls/$callId" params={{ callId: id }} search={{ environment }}>
        model call <Untrusted text={id} />
      </Link>
    )
  return (
    <>
      {kind} <Untrusted text={id} />
    </>
  )
}

function Entry({ entry: { at, actor, note, changed } }: { entry: IncidentEntry }) {
  const { title, severity, status, assignee, about } = changed
  const changes = [
    ...(status ? [status] : []),
    ...(severity ? [`severity ${severity}`] : []),
    ...(title ? [`now "${title}"`] : []),
    ...(assignee === undefined ? [] : [`with ${assignee ?? 'nobody'}`]),
    ...(about ?? []).map(({ kind, id }) => `about ${kind} ${id}`),
  ]
  return (
    <li className="panel p-4">
      <p className="text-muted">
        <Untrusted text={actor} /> <Ago instant={at} />
        {changes.length > 0 && (
          <>
            {' '}
            · <Untrusted text={changes.join(', ')} />
          </>
        )}
      </p>
      {note !== null && <UntrustedText text={note} />}
    </li>
  )
}

/** Who resolves an incident says what it was. */
function NewEntry({ incident: { id, status } }: { incident: IncidentDetail }) {
  const { client } = useClient()
  const { me } = useMe()
  const queries = useQueryClient()
  const [note, setNote] = useState('')
  const said = note.trim() === '' ? {} : { note }
  const add = useMutation({
    mutationFn: (entry: AddIncidentEntry) => client.incidents.add(id, { ...said, ...entry }),
    onSuccess: () => setNote(''),
    onSettled: () => queries.invalidateQueries(),
  })
  const unsaid = note.trim() === ''
  const button = (title: string, entry: AddIncidentEntry, needsNote: boolean) => (
    <button
      type="button"
      className="action"
      disabled={add.isPending || (needsNote && unsaid)}
      onClick={() => add.mutate(entry)}
    >
      {title}
    </button>
  )
  return (
    <form className="panel mb-6 p-4" aria-label="Note" onSubmit={event => event.preventDefault()}>
      <label className="block">
        <span className="font-medium">What was found or done</span>
        <textarea
          className="field mt-1.5 block w-full"
          rows={3}
          maxLength={4000}
          value={note}
          onChange={event => setNote(event.target.value)}
        />
      </label>
      <div className="mt-3 flex flex-wrap gap-3">
        {button('Note', {}, true)}
        {status === 'open' &&
          button('Acknowledge', { status: 'acknowledged', ...(me && { assignee: me.actor }) }, false)}
        {status === 'resolved'
          ? button('Open again', { status: 'open' }, true)
          : button('Resolve', { status: 'resolved' }, true)}
      </div>
      <div className="mt-3 empty:hidden">{add.error && <ProblemNote error={add.error} />}</div>
    </form>
  )
}
