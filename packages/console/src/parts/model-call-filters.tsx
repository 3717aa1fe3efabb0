import { ModelCallOutcome } from '@causeway/contracts'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Ref } from 'react'
import { Choice, Field } from './filter-fields.tsx'
import { Since, sinceNames } from './since.ts'

const named = [
  ['route', 'Route'],
  ['provider', 'Provider'],
  ['model', 'Model'],
  ['key', 'Key id'],
  ['team', 'Team id'],
  ['user', 'User id'],
  ['agent', 'Agent'],
  ['session', 'Session id'],
] as const

/** The filters of the list of model calls. Each change is an address of its own. */
export function ModelCallFilters({ first }: { first: Ref<HTMLSelectElement> }) {
  const filters = useSearch({ from: '/frame/model-calls' })
  const navigate = useNavigate({ from: '/model-calls' })
  const change = (part: Partial<typeof filters>): void =>
    void navigate({ search: { ...filters, cursor: undefined, ...part } })
  return (
    <form
      role="search"
      aria-label="Model calls"
      className="mb-4 grid grid-cols-2 items-end gap-3 sm:flex sm:flex-wrap"
      onSubmit={event => event.preventDefault()}
    >
      <Choice
        ref={first}
        title="Outcome"
        value={filters.outcome}
        options={ModelCallOutcome.options.map(outcome => [outcome, outcome])}
        onChange={outcome => change({ outcome: ModelCallOutcome.safeParse(outcome).data })}
      />
      <Choice
        title="Started"
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
      {named.map(([name, title]) => (
        <Text key={name} title={title} value={filters[name]} onChange={value => change({ [name]: value })} />
      ))}
      <Text
        title="Cost from, in $"
        value={filters.cost?.toString()}
        onChange={value => {
          const cost = Number(value)
          change({ cost: value === undefined || !(cost >= 0) ? undefined : cost })
        }}
      />
    </form>
  )
}

interface TextProps {
  title: string
  value: string | undefined
  onChange: (value: string | undefined) => void
}

function Text({ title, value, onChange }: TextProps) {
  const changed = (text: string): void => {
    const next = text.trim() || undefined
    if (next !== value) onChange(next)
  }
  return (
    <Field title={title}>
      <input
        // A new address has a new field.
        key={value ?? ''}
        type="search"
        className="field w-full sm:w-32"
        spellCheck={false}
        defaultValue={value ?? ''}
        onKeyDown={event => event.key === 'Enter' && changed(event.currentTarget.value)}
        onBlur={event => changed(event.target.value)}
      />
    </Field>
  )
}
