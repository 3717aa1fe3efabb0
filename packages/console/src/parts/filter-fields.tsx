import type { ReactNode, Ref } from 'react'

/** A field of filters with its title. */
export function Field({ title, children }: { title: string; children: ReactNode }) {
  return (
    <label className="block min-w-0">
      <span className="text-muted mb-1 block text-xs">{title}</span>
      {children}
    </label>
  )
}

interface ChoiceProps {
  title: string
  value: string | undefined
  options: readonly (readonly [value: string, name: string])[]
  onChange: (value: string | undefined) => void
  ref?: Ref<HTMLSelectElement>
}

/** One of some values, or all. */
export function Choice({ title, value, options, onChange, ref }: ChoiceProps) {
  return (
    <Field title={title}>
      <select
        {...(ref && { ref })}
        className="field w-full"
        value={value ?? ''}
        onChange={event => onChange(event.target.value || undefined)}
      >
        <option value="">all</option>
        {options.map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </select>
    </Field>
  )
}
