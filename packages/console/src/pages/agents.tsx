import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useClient } from '../api/use-client.ts'
import { Empty, ProblemNote } from '../parts/problem.tsx'

/** The agents of the environment. */
export function AgentsPage() {
  const { client, environment } = useClient()
  const query = useQuery({ queryKey: ['agents', environment], queryFn: () => client.agents.list({ limit: 200 }) })
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold">Agents</h1>
      {query.error && <ProblemNote error={query.error} />}
      {query.data?.data.length === 0 && (
        <Empty title="No agents in this environment" command="npx causeway apply examples" />
      )}
      <ul className="grid gap-3 sm:grid-cols-2">
        {query.data?.data.map(agent => (
          <li key={agent.name} className="panel p-4">
            <h2 className="text-base font-semibold">{agent.name}</h2>
            {agent.description && <p className="text-muted mt-1">{agent.description}</p>}
            <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
              <dt className="text-muted">Model</dt>
              <dd>{agent.model}</dd>
              <dt className="text-muted">Tools</dt>
              <dd>{agent.tools.join(', ') || 'none'}</dd>
              <dt className="text-muted">Limits</dt>
              <dd>
                {agent.limits.steps} model calls, {agent.limits.toolCalls} tool calls, ${agent.limits.costUsd},{' '}
                {agent.limits.seconds} s
              </dd>
              <dt className="text-muted">Version</dt>
              <dd className="font-mono text-xs leading-5">{agent.version.slice(0, 16)}</dd>
            </dl>
            <p className="mt-3 flex flex-wrap items-center gap-3">
              <code className="bg-sunken rounded px-2 py-1 font-mono text-xs">npx causeway run {agent.name} "…"</code>
              <Link className="text-accent underline" to="/runs" search={{ environment, agent: agent.name }}>
                its runs
              </Link>
            </p>
          </li>
        ))}
      </ul>
    </>
  )
}
