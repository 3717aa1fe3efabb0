import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { LogOut, Moon, Sun } from 'lucide-react'
import { useState } from 'react'
import { useClient } from '../api/use-client.ts'

/** The frame of every page behind the sign-in. */
export function Layout() {
  const { environment } = useClient()
  const tab =
    'text-muted hover:text-ink border-transparent border-b-2 px-1 py-3.5 font-medium aria-[current=page]:border-accent aria-[current=page]:text-ink'
  return (
    <div className="min-h-screen">
      <a
        href="#main"
        className="bg-accent text-accent-ink sr-only rounded px-3 py-2 focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-10"
      >
        Skip to content
      </a>
      <header className="bg-panel border-line border-b">
        <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-6 px-4">
          <span className="flex items-center gap-2 py-3 text-base font-semibold">
            <img src="/favicon.svg" alt="" className="size-6" /> Causeway
          </span>
          <nav aria-label="Main" className="flex gap-5">
            {(['runs', 'approvals', 'agents'] as const).map(page => (
              <Link key={page} to={`/${page}`} search={{ environment }} className={`${tab} capitalize`}>
                {page}
              </Link>
            ))}
          </nav>
          <div className="ml-auto flex items-center gap-2 py-2">
            <EnvironmentChoice />
            <ThemeToggle />
            <SignOut />
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1} className="mx-auto max-w-6xl px-4 py-6 outline-none">
        <Outlet />
      </main>
    </div>
  )
}

function EnvironmentChoice() {
  const { client, environment } = useClient()
  const navigate = useNavigate()
  const environments = useQuery({
    queryKey: ['environments'],
    queryFn: () => client.environments.list(),
    staleTime: 60_000,
  })
  const me = useQuery({ queryKey: ['me', environment], queryFn: () => client.me() })
  const names = environments.data?.data.map(({ name }) => name) ?? []
  return (
    <label className="text-muted flex items-center gap-2">
      <span className="sr-only sm:not-sr-only">Environment</span>
      <select
        className="field text-ink"
        value={environment ?? me.data?.environment ?? ''}
        onChange={event => void navigate({ to: '/runs', search: { environment: event.target.value } })}
      >
        {names.map(name => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  )
}

function ThemeToggle() {
  const [theme, setTheme] = useState(() => document.documentElement.dataset['theme'] ?? 'light')
  const other = theme === 'dark' ? 'light' : 'dark'
  const Icon = theme === 'dark' ? Sun : Moon
  return (
    <button
      type="button"
      className="action px-2"
      aria-label={`Use the ${other} theme`}
      onClick={() => {
        document.documentElement.dataset['theme'] = other
        localStorage.setItem('theme', other)
        setTheme(other)
      }}
    >
      <Icon aria-hidden className="size-4" />
    </button>
  )
}

function SignOut() {
  const { client } = useClient()
  return (
    <button
      type="button"
      className="action px-2"
      aria-label="Sign out"
      onClick={() => void client.auth.signOut().finally(() => window.location.assign('/sign-in'))}
    >
      <LogOut aria-hidden className="size-4" />
    </button>
  )
}
