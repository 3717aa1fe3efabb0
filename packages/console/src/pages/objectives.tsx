import type { BurnRate, ServiceLevelObjective } from '@causeway/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useClient } from '../api/use-client.ts'
import { Ago } from '../parts/instant.tsx'
import { Empty, ProblemNote } from '../parts/problem.tsx'
import { useTitle } from '../parts/use-title.ts'

const everyMs = 30_000

/** What is promised of calls and runs, what is left of each error budget, and what burns it too fast. */
export function ObjectivesPage() {
  const { client, environment } = useClient()
  const { cursor } = useSearch({ from: '/frame/objectives' })
  useTitle('Objectives')
  const query = useQuery({
    queryKey: ['objectives', environment, cursor],
    queryFn: () => client.serviceLevelObjectives.list({ cursor, limit: 25 }),
    refetchInterval: everyMs,
  })
  return (
    <>
      <h1 className="mb-1 text-xl font-semibold">Service level objectives</h1>
      <p className="text-muted mb-4 max-w-prose">
        What is promised of calls and runs. What may be bad is the error budget; webhooks are told when it burns too
        fast.
      </p>
      {query.error && <ProblemNote error={query.error} onRetry={query.refetch} />}
      {query.isPending && <p className="text-muted">Loading …</p>}
      {query.data?.data.length === 0 && (
        <Empty title="Nothing is promised yet">
          Apply a manifest of the kind ServiceLevelObjective: see the guide to operating.
        </Empty>
      )}
      <ul className="space-y-3">
        {query.data?.data.map(objective => (
          <Item key={objective.name} objective={objective} />
        ))}
      </ul>
      <nav aria-label="Pages" className="mt-4 flex gap-2 empty:hidden">
        {query.data?.nextCursor && (
          <Link className="action" to="/objectives" search={{ environment, cursor: query.data.nextCursor }}>
            More
          </Link>
        )}
      </nav>
    </>
  )
}

function Item({ objective }: { objective: ServiceLevelObjective }) {
  const { name, spec, windowDays, good, bad, attained, errorBudget, burn } = objective
  const firing = burn.filter(({ firingSince }) => firingSince !== null)
  const missed = attained !== null && attained < spec.target
  return (
    <li className="panel p-4">
      <h2 className="font-semibold">{name}</h2>
      <p className="text-muted">
        {spec.target} % of {subjectOf(objective)} are to be good over {windowDays} days
      </p>
      <p className="mt-2">
        {attained === null ? (
          'Nothing was counted yet.'
        ) : (
          <>
            <span className={missed ? 'text-bad' : undefined}>{attained.toFixed(2)} % good</span> ({good} good, {bad}{' '}
            bad) ·{' '}
            <span className={errorBudget.remainingPercent < 0 ? 'text-bad' : undefined}>
              {errorBudget.remainingPercent.toFixed(1)} % of the error budget left
            </span>
          </>
        )}
      </p>
      {firing.map(rule => (
        <Firing key={rule.hours} rule={rule} />
      ))}
    </li>
  )
}

function Firing({ rule: { severity, hours, rate, threshold, firingSince } }: { rule: BurnRate }) {
  return (
    <p className="text-bad mt-1">
      {severity === 'page' ? 'Urgent' : 'To look at'}: over {hours} {hours === 1 ? 'hour' : 'hours'} the budget burns{' '}
      {rate.toFixed(1)} times as fast as it may (alert from {threshold.toFixed(1)})
      {firingSince !== null && (
        <>
          , since <Ago instant={firingSince} />
        </>
      )}
    </p>
  )
}

function subjectOf({ spec }: ServiceLevelObjective): string {
  const what = spec.of === 'runs' ? 'runs' : 'calls of models'
  const name = spec.of === 'runs' ? spec.agent : spec.route
  return name === undefined ? what : `${what} of ${name}`
}
