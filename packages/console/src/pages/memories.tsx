import type { Memory } from '@causeway/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useClient } from '../api/use-client.ts'
import { useMe } from '../api/use-me.ts'
import { TextFilter } from '../parts/filter-fields.tsx'
import { Ago } from '../parts/instant.tsx'
import { Empty, ProblemNote } from '../parts/problem.tsx'
import { Untrusted, UntrustedText } from '../parts/untrusted-text.tsx'
import { useTitle } from '../parts/use-title.ts'

/** What agents remember from one session to the next, with who it is about and how far it can be relied on. */
export function MemoriesPage() {
  const { client, environment } = useClient()
  const filters = useSearch({ from: '/frame/memories' })
  const { store, person, agent, cursor } = filters
  const navigate = useNavigate()
  useTitle('Memories')
  const query = useQuery({
    queryKey: ['memories', environment, filters],
    queryFn: () => client.memories.list({ store, person, agent, cursor, limit: 25 }),
  })
  const change = (name: 'store' | 'person' | 'agent') => (value: string | undefined) =>
    void navigate({ to: '/memories', search: { ...filters, cursor: undefined, [name]: value } })
  const filtered = [store, person, agent].some(value => value !== undefined)
  return (
    <>
      <h1 className="mb-1 text-xl font-semibold">Memories</h1>
      <p className="text-muted mb-4 max-w-prose">
        What agents remember from one session to the next. Each keeps the label of all that its run had seen; whoever
        recalls it has seen that too.
      </p>
      <form
        role="search"
        aria-label="Memories"
        className="mb-4 flex flex-wrap items-end gap-3"
        onSubmit={event => event.preventDefault()}
      >
        <TextFilter title="Store" value={store} onChange={change('store')} />
        <TextFilter title="Person" value={person} placeholder="user:ada" onChange={change('person')} />
        <TextFilter title="Agent" value={agent} onChange={change('agent')} />
      </form>
      {query.error && <ProblemNote error={query.error} onRetry={query.refetch} />}
      {query.isPending && <p className="text-muted">Loading …</p>}
      {query.data?.data.length === 0 &&
        (filtered ? (
          <Empty title="No memory fits these filters">
            <Link className="action mt-3" to="/memories" search={{ environment }}>
              Show all memories
            </Link>
          </Empty>
        ) : (
          <Empty title="Nothing is remembered yet">
            An agent remembers by a tool of type memory, in a MemoryStore: see the guide to memories.
          </Empty>
        ))}
      <ul className="space-y-3">
        {query.data?.data.map(memory => (
          <Item key={memory.id} memory={memory} />
        ))}
      </ul>
      <nav aria-label="Pages" className="mt-4 flex gap-2 empty:hidden">
        {cursor && (
          <Link className="action" to="/memories" search={{ ...filters, cursor: undefined }}>
            Newest
          </Link>
        )}
        {query.data?.nextCursor && (
          <Link className="action" to="/memories" search={{ ...filters, cursor: query.data.nextCursor }}>
            Older
          </Link>
        )}
      </nav>
    </>
  )
}

function Item({ memory }: { memory: Memory }) {
  const { environment } = useClient()
  const { may } = useMe()
  const { id, store, key, text, label, modelMade, person, agent, runId, updatedAt, expiresAt } = memory
  return (
    <li className="panel p-4">
      <UntrustedText text={text} />
      <p className="text-muted mt-1">
        {store}
        {key !== null && (
          <>
            {' '}
            · <Untrusted text={key} />
          </>
        )}{' '}
        · of <Untrusted text={person} /> · by {agent} in{' '}
        <Link className="text-accent underline" to="/runs/$runId" params={{ runId }} search={{ environment }}>
          its run
        </Link>{' '}
        <Ago instant={updatedAt} />
        {expiresAt !== null && (
          <>
            {' '}
            · kept until <time dateTime={expiresAt}>{expiresAt.slice(0, 10)}</time>
          </>
        )}
      </p>
      <p className="text-muted mt-1">
        <span className={label.integrity === 'untrusted' ? 'text-warn' : undefined}>{label.integrity}</span>
        {modelMade && ', worded by the model'}
        {label.origins.length > 0 && <>, from {label.origins.join(', ')}</>}
        {label.readers !== '*' && (
          <>
            , for <Untrusted text={label.readers.join(', ')} />
          </>
        )}
      </p>
      {may('sessions:erase') && <Erase id={id} />}
    </li>
  )
}

/** Erasing cannot be undone, so it takes a second press. */
function Erase({ id }: { id: string }) {
  const { client } = useClient()
  const queries = useQueryClient()
  const [asked, setAsked] = useState(false)
  const erase = useMutation({
    mutationFn: () => client.memories.erase(id),
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <div className="mt-3 flex flex-wrap items-center gap-3">
      {asked ? (
        <>
          <button type="button" className="action text-bad" disabled={erase.isPending} onClick={() => erase.mutate()}>
            Erase for good
          </button>
          <button type="button" className="action" onClick={() => setAsked(false)}>
            Keep
          </button>
        </>
      ) : (
        <button type="button" className="action" onClick={() => setAsked(true)}>
          Erase
        </button>
      )}
      {erase.error && <ProblemNote error={erase.error} />}
    </div>
  )
}
