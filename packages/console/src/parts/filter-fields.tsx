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

interface TextFilterProps {
  title: string
  value: string | undefined
  placeholder?: string
  onChange: (value: string | undefined) => void
}

/** A name that is typed, and looked for when the field is left or Enter is pressed. */
export function TextFilter({ title, value, placeholder, onChange }: TextFilterProps) {
  const choose = (typed: string): void => {
    const name = typed.trim() || undefined
    if (name !== value) onChange(name)
  }
  return (
    <Field title={title}>
      <input
        // A new address has a new field.
        key={value ?? ''}
        type="search"
        className="field w-full sm:w-52"
        placeholder={placeholder}
        spellCheck={false}
        defaultValue={value ?? ''}
        onBlur={event => choose(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') choose(event.currentTarget.value)
        }}
      />
    </Field>
  )
}
