import { RunStatus } from '@causeway/contracts'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Ref } from 'react'
import { useClient } from '../api/use-client.ts'
import { Choice, Field, TextFilter } from './filter-fields.tsx'
import { Since, sinceNames } from './since.ts'

/** The filters of the list of runs. Each change is an address of its own. */
export function RunFilters({ first }: { first: Ref<HTMLSelectElement> }) {
  const { client, environment } = useClient()
  const filters = useSearch({ from: '/frame/runs' })
  const navigate = useNavigate({ from: '/runs' })
  const agents = useQuery({
    queryKey: ['agents', environment],
    queryFn: () => client.agents.list({ limit: 200 }),
    staleTime: 30_000,
  })
  const names = new Set([
    ...(agents.data?.data.map(({ name }) => name) ?? []),
    ...(filters.agent ? [filters.agent] : []),
  ])
  const change = (part: Partial<typeof filters>): void =>
    void navigate({ search: { ...filters, cursor: undefined, ...part } })
  return (
    <form
      role="search"
      aria-label="Runs"
      className="mb-4 grid grid-cols-2 items-end gap-3 sm:flex sm:flex-wrap"
      onSubmit={event => event.preventDefault()}
    >
      <Choice
        ref={first}
        title="Agent"
        value={filters.agent}
        options={[...names].map(name => [name, name])}
        onChange={agent => change({ agent })}
      />
      <Choice
        title="Status"
        value={filters.status}
        options={RunStatus.options.map(status => [status, status])}
        onChange={status => change({ status: RunStatus.safeParse(status).data })}
      />
      <Choice
        title="Created"
        value={filters.since}
        options={Since.options.map(since => [since, sinceNames[since]])}
        onChange={since => change({ since: Since.safeParse(since).data, after: undefined, before: undefined })}
      />
      {filters.since === 'custom' &&
        (['after', 'before'] as const).map(bound => (
          <Field key={bound} title={bound === 'after' ? 'From' : 'Until'}>
            <input
              type="datetime-local"
              className="field w-full"
              defaultValue={filters[bound] ?? ''}
              onBlur={event => change({ [bound]: event.target.value || undefined })}
            />
          </Field>
        ))}
      <TextFilter
        title="Session"
        value={filters.session}
        placeholder="session_…"
        onChange={session => change({ session })}
      />
    </form>
  )
}
