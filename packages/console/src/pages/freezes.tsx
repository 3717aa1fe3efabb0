import { FreezeKind, type Freeze } from '@causeway/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Snowflake } from 'lucide-react'
import { useState } from 'react'
import { useClient } from '../api/use-client.ts'
import { useMe } from '../api/use-me.ts'
import { Ago } from '../parts/instant.tsx'
import { Empty, ProblemNote } from '../parts/problem.tsx'
import { Untrusted, UntrustedText } from '../parts/untrusted-text.tsx'
import { useTitle } from '../parts/use-title.ts'

/** The kill switch: what may not act now, and what was frozen before. */
export function FreezesPage() {
  const { client, environment } = useClient()
  const { may } = useMe()
  const { past, cursor } = useSearch({ from: '/frame/freezes' })
  useTitle('Freezes')
  const query = useQuery({
    queryKey: ['freezes', environment, past, cursor],
    queryFn: () => client.freezes.list({ inForce: past ? 'false' : 'true', cursor, limit: 25 }),
    refetchInterval: 5_000,
  })
  const tab = 'action aria-[current=true]:border-accent aria-[current=true]:text-accent'
  return (
    <>
      <h1 className="mb-1 text-xl font-semibold">Freezes</h1>
      <p className="text-muted mb-4 max-w-prose">
        What is frozen calls no model and no tool any more, on every replica within a second; calls that are under way
        end. Calls that are refused so stand in the log of their run.
      </p>
      {may('freezes:write') && <NewFreeze />}
      <nav aria-label="Freezes" className="mb-4 flex flex-wrap gap-2">
        <Link to="/freezes" search={{ environment }} aria-current={past ? undefined : 'true'} className={tab}>
          In force
        </Link>
        <Link
          to="/freezes"
          search={{ environment, past: true }}
          aria-current={past ? 'true' : undefined}
          className={tab}
        >
          Lifted
        </Link>
      </nav>
      {query.error && <ProblemNote error={query.error} onRetry={query.refetch} />}
      {query.isPending && <p className="text-muted">Loading …</p>}
      {query.data?.data.length === 0 && <Empty title={past ? 'Nothing was frozen before' : 'Nothing is frozen'} />}
      <ul className="space-y-3">
        {query.data?.data.map(freeze => (
          <Item key={freeze.id} freeze={freeze} />
        ))}
      </ul>
      {query.data?.nextCursor && (
        <Link className="action mt-4" to="/freezes" search={{ environment, past, cursor: query.data.nextCursor }}>
          Older
        </Link>
      )}
    </>
  )
}

/** One press freezes: when something goes wrong nobody should have to confirm. */
function NewFreeze() {
  const { client } = useClient()
  const queries = useQueryClient()
  const { me } = useMe()
  const [kind, setKind] = useState<FreezeKind>('tool')
  const [name, setName] = useState('')
  const [reason, setReason] = useState('')
  const named = kind === 'environment' ? (me?.environment ?? '') : name
  const set = useMutation({
    mutationFn: () => client.freezes.set({ kind, name: named, reason }),
    onSettled: () => queries.invalidateQueries(),
    onSuccess: () => {
      setName('')
      setReason('')
    },
  })
  return (
    <form
      className="panel mb-6 p-4"
      aria-label="Freeze"
      onSubmit={event => {
        event.preventDefault()
        set.mutate()
      }}
    >
      <div className="flex flex-wrap items-end gap-3">
        <label className="block">
          <span className="font-medium">What</span>
          <select
            className="field mt-1.5 block"
            value={kind}
            onChange={event => setKind(FreezeKind.parse(event.target.value))}
          >
            {FreezeKind.options.map(each => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label className="block">
          <span className="font-medium">Name</span>
          <input
            className="field mt-1.5 block"
            value={named}
            disabled={kind === 'environment'}
            required
            maxLength={63}
            spellCheck={false}
            onChange={event => setName(event.target.value)}
          />
        </label>
        <label className="block min-w-60 grow">
          <span className="font-medium">Why</span>
          <input
            className="field mt-1.5 block w-full"
            value={reason}
            required
            maxLength={1000}
            onChange={event => setReason(event.target.value)}
          />
        </label>
        <button type="submit" className="action text-bad" disabled={set.isPending}>
          <Snowflake aria-hidden className="size-4" /> Freeze
        </button>
      </div>
      <div className="mt-3 empty:hidden">{set.error && <ProblemNote error={set.error} />}</div>
    </form>
  )
}

function Item({ freeze }: { freeze: Freeze }) {
  const { kind, name, reason, frozenBy, frozenAt, liftedBy, liftedAt } = freeze
  const { may } = useMe()
  return (
    <li className="panel p-4">
      <h2 className="font-medium break-words">
        {kind} <Untrusted text={name} />
      </h2>
      <UntrustedText text={reason} />
      <p className="text-muted mt-0.5">
        frozen by <Untrusted text={frozenBy} /> <Ago instant={frozenAt} />
        {liftedBy && liftedAt && (
          <>
            {' '}
            · lifted by <Untrusted text={liftedBy} /> <Ago instant={liftedAt} />
          </>
        )}
      </p>
      {liftedAt === null && may('freezes:write') && <Lift freeze={freeze} />}
    </li>
  )
}

/** Lifting is asked for by the name, so that nobody lifts what they did not mean to. */
function Lift({ freeze: { id, name, kind } }: { freeze: Freeze }) {
  const { client } = useClient()
  const queries = useQueryClient()
  const [confirm, setConfirm] = useState('')
  const lift = useMutation({
    mutationFn: () => client.freezes.lift(id, { confirm }),
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <form
      className="mt-3 flex flex-wrap items-end gap-3"
      aria-label={`Lift the freeze of ${kind} ${name}`}
      onSubmit={event => {
        event.preventDefault()
        lift.mutate()
      }}
    >
      <label className="block">
        <span className="text-muted">
          To lift it, type <Untrusted text={name} />
        </span>
        <input
          className="field mt-1 block"
          value={confirm}
          spellCheck={false}
          onChange={event => setConfirm(event.target.value)}
        />
      </label>
      <button type="submit" className="action" disabled={confirm !== name || lift.isPending}>
        Lift
      </button>
      {lift.error && <ProblemNote error={lift.error} />}
    </form>
  )
}
