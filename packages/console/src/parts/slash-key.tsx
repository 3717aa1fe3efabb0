import { useEffect, useRef, useState, type ReactNode, type RefObject } from 'react'

const key = 'slash-key'

/** "/" leads to an element, unless something is being written, and unless the reader has switched it off (WCAG 2.1.4). */
export function useSlashKey<Target extends HTMLElement>(): { target: RefObject<Target | null>; choice: ReactNode } {
  const target = useRef<Target>(null)
  const [on, setOn] = useState(() => localStorage.getItem(key) !== 'off')
  useEffect(() => {
    if (!on) return
    const onKey = (event: KeyboardEvent): void => {
      const writing = event.target instanceof Element && event.target.closest('input, textarea, select, dialog')
      if (event.key !== '/' || writing || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      target.current?.focus()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [on])
  return {
    target,
    choice: (
      <label className="text-muted hidden items-center gap-2 text-xs md:flex">
        <input
          type="checkbox"
          className="accent-accent size-4"
          checked={on}
          onChange={event => {
            localStorage.setItem(key, event.target.checked ? 'on' : 'off')
            setOn(event.target.checked)
          }}
        />
        <span>
          <kbd className="border-line bg-panel rounded border px-1.5 py-0.5 font-mono">/</kbd> leads to the filters
        </span>
      </label>
    ),
  }
}
