import { Moon, Sun } from 'lucide-react'
import { useState } from 'react'

const key = 'theme'
const systemDark = window.matchMedia('(prefers-color-scheme: dark)')

function show(): void {
  const stored = localStorage.getItem(key)
  const preferred = systemDark.matches ? 'dark' : 'light'
  document.documentElement.dataset['theme'] = stored === 'dark' || stored === 'light' ? stored : preferred
}

/** Shows the theme that was chosen here, else the one of the system, also when that changes. */
export function startTheme(): void {
  show()
  systemDark.addEventListener('change', show)
}

export function ThemeToggle() {
  const [theme, setTheme] = useState(() => document.documentElement.dataset['theme'] ?? 'light')
  const other = theme === 'dark' ? 'light' : 'dark'
  const Icon = theme === 'dark' ? Sun : Moon
  return (
    <button
      type="button"
      className="action px-2"
      aria-label={`Use the ${other} theme`}
      title={`Use the ${other} theme`}
      onClick={() => {
        localStorage.setItem(key, other)
        show()
        setTheme(other)
      }}
    >
      <Icon aria-hidden className="size-4" />
    </button>
  )
}
