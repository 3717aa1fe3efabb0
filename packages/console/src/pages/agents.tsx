import type { Agent } from '@causeway/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useClient } from '../api/use-client.ts'
import { Command, CopyButton } from '../parts/copy-button.tsx'
import { count, duration, usd } from '../parts/figures.ts'
import { Empty, ProblemNote } from '../parts/problem.tsx'
import { useTitle } from '../parts/use-title.ts'

/** The agents of the environment. */
export function AgentsPage() {
  const { client, environment } = useClient()
  const query = useQuery({ queryKey: ['agents', environment], queryFn: () => client.agents.list({ limit: 200 }) })
  useTitle('Agents')
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold">Agents</h1>
      {query.error && <ProblemNote error={query.error} onRetry={query.refetch} />}
      {query.isPending && <p className="text-muted">Loading …</p>}
      {query.data?.data.length === 0 && (
        <Empty title="No agents in this environment" command="npx causeway apply examples" />
      )}
      <ul className="grid gap-4 md:grid-cols-2">
        {query.data?.data.map(agent => (
          <AgentCard key={agent.name} agent={agent} />
        ))}
      </ul>
    </>
  )
}

function AgentCard({ agent }: { agent: Agent }) {
  const { environment } = useClient()
  const { name, version, description, model, tools, limits } = agent
  return (
    <li className="panel flex min-w-0 flex-col p-4">
      <h2 className="text-base font-semibold break-words">{name}</h2>
      {description && <p className="text-muted mt-0.5 break-words">{description}</p>}
      <dl className="[&>dt]:text-muted mt-4 mb-4 grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-5 gap-y-2 [&>dd]:break-words">
        <dt>Model route</dt>
        <dd>{model}</dd>
        <dt>Tools</dt>
        <dd className="flex flex-wrap gap-1.5">
          {tools.map(tool => (
            <code key={tool} className="bg-sunken border-line rounded border px-1.5 py-0.5 font-mono text-xs">
              {tool}
            </code>
          ))}
          {tools.length === 0 && 'none'}
        </dd>
        <dt>Limits a run</dt>
        <dd className="tabular-nums">
          {count(limits.steps, 'model call')}, {count(limits.toolCalls, 'tool call')}, {limits.tokens.toLocaleString()}{' '}
          tokens, {usd(limits.costUsd * 1e9)}, {duration(limits.seconds * 1000)}
        </dd>
        <dt>Version</dt>
        <dd className="font-mono text-xs">
          {version.slice(0, 16)} <CopyButton text={version} what={`version of ${name}`} />
        </dd>
      </dl>
      <p className="mt-auto flex flex-wrap items-center gap-x-4 gap-y-2">
        <Command text={`npx causeway run ${name} "…"`} />
        <Link
          className="text-accent py-1 underline underline-offset-2"
          to="/runs"
          search={{ environment, agent: name }}
        >
          its runs
        </Link>
      </p>
    </li>
  )
}
