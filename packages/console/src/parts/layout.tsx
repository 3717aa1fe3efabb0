import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { LogOut } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useClient } from '../api/use-client.ts'
import { useMe } from '../api/use-me.ts'
import { ThemeToggle } from './theme.tsx'
import { Untrusted } from './untrusted-text.tsx'

const pages = [
  ['/runs', 'Runs'],
  ['/model-calls', 'Model calls'],
  ['/approvals', 'Approvals'],
  ['/agents', 'Agents'],
  ['/tool-reviews', 'Tool reviews'],
  ['/freezes', 'Freezes'],
  ['/memories', 'Memories'],
  ['/objectives', 'Objectives'],
  ['/incidents', 'Incidents'],
] as const

/** The frame of every page behind the sign-in. */
export function Layout() {
  const { environment } = useClient()
  const { me } = useMe()
  const main = useFocusAfterNavigation()
  const tab =
    'text-muted hover:text-ink flex items-center gap-1.5 border-b-2 border-transparent px-1 py-3 font-medium aria-[current=page]:border-accent aria-[current=page]:text-ink'
  return (
    <div className="flex min-h-screen flex-col">
      <a
        href="#main"
        className="bg-accent text-accent-ink sr-only rounded px-3 py-2 focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-10"
      >
        Skip to content
      </a>
      <header className="bg-panel border-line border-b">
        <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-7 px-4">
          <span className="flex items-center gap-2 py-3 text-base font-semibold">
            <img src="/favicon.svg" alt="" className="size-6" /> Causeway
          </span>
          <nav
            aria-label="Main"
            className="order-last flex w-full flex-wrap gap-x-4 sm:order-none sm:w-auto sm:gap-x-5"
          >
            {pages.map(([path, name]) => (
              <Link key={path} to={path} search={{ environment }} className={tab}>
                {name} {name === 'Approvals' && <PendingCount />}
              </Link>
            ))}
          </nav>
          <div className="ml-auto flex items-center gap-2 py-2">
            {me && (
              <span className="text-muted mr-2 hidden md:inline" title={`${me.role} of ${me.organisation}`}>
                <Untrusted text={me.actor} />
              </span>
            )}
            <EnvironmentChoice />
            <ThemeToggle />
            <SignOut />
          </div>
        </div>
      </header>
      <main ref={main} id="main" tabIndex={-1} className="mx-auto w-full max-w-6xl grow px-4 py-6 outline-none">
        <Outlet />
      </main>
      {me && (
        <footer className="text-muted mx-auto w-full max-w-6xl px-4 pb-6 text-xs">
          Signed in as <Untrusted text={me.actor} />, {me.role}, in {me.environment}
        </footer>
      )}
    </div>
  )
}

/** Whoever reads with a screen reader or the keyboard goes on at the new page, not at the link to it. */
function useFocusAfterNavigation() {
  const main = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    main.current?.focus({ preventScroll: true })
  }, [pathname])
  return main
}

const countedAtMost = 50

function PendingCount() {
  const { client, environment } = useClient()
  const { data } = useQuery({
    queryKey: ['approvals', environment, 'pending-count'],
    queryFn: () => client.approvals.list({ status: 'pending', limit: countedAtMost }),
    refetchInterval: 10_000,
  })
  const pending = data?.data.length ?? 0
  if (pending === 0) return null
  return (
    <span className="bg-warn text-panel rounded-full px-1.5 text-xs leading-5 font-semibold tabular-nums">
      {data?.nextCursor ? `${countedAtMost}+` : pending}
      <span className="sr-only"> pending</span>
    </span>
  )
}

function EnvironmentChoice() {
  const { client, environment } = useClient()
  const { me } = useMe()
  const navigate = useNavigate()
  const { pathname } = useLocation()
  const environments = useQuery({
    queryKey: ['environments'],
    queryFn: () => client.environments.list(),
    staleTime: 60_000,
  })
  const chosen = environment ?? me?.environment ?? ''
  const names = new Set([...(environments.data?.data.map(({ name }) => name) ?? []), chosen])
  return (
    <label className="text-muted flex items-center gap-2">
      <span className="sr-only lg:not-sr-only">Environment</span>
      <select
        className="field text-ink max-w-40"
        value={chosen}
        onChange={event =>
          void navigate({
            // A run is a thing of one environment.
            to: pages.find(([path]) => path === pathname)?.[0] ?? '/runs',
            search: { environment: event.target.value },
          })
        }
      >
        {[...names].map(name => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  )
}

function SignOut() {
  const { client } = useClient()
  return (
    <button
      type="button"
      className="action px-2"
      aria-label="Sign out"
      title="Sign out"
      onClick={() => void client.auth.signOut().finally(() => window.location.assign('/sign-in'))}
    >
      <LogOut aria-hidden className="size-4" />
    </button>
  )
}
