import { hasEnded, type Run } from '@causeway/contracts'
import { Link } from '@tanstack/react-router'
import { useClient } from '../api/use-client.ts'
import { duration, usd } from './figures.ts'
import { Ago } from './instant.tsx'
import { moveBetweenRows } from './move-between-rows.ts'
import { RehearsalMark, StatusBadge } from './status-badge.tsx'
import { visible } from './visible.ts'

const cell = 'px-4 py-2.5 align-top'
const wide = 'hidden md:table-cell'
const columns = [
  ['Run', 'text-left'],
  ['Status', 'text-left'],
  ['Agent', `text-left ${wide}`],
  ['Tokens', `text-right ${wide}`],
  ['Cost', `text-right ${wide}`],
  ['Worked', `text-right ${wide}`],
  ['Created', `text-right ${wide}`],
] as const

/** Runs as a table; on narrow screens the lesser figures stand under the name of the run. */
export function RunTable({ runs }: { runs: readonly Run[] }) {
  return (
    <div className="panel overflow-x-auto">
      <table className="w-full" onKeyDown={moveBetweenRows}>
        <caption className="sr-only">Runs, newest first. The keys j and k go down and up.</caption>
        <thead className="text-muted border-line border-b text-xs">
          <tr>
            {columns.map(([title, look]) => (
              <th key={title} scope="col" className={`px-4 py-2.5 font-medium ${look}`}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-line divide-y">
          {runs.map(run => (
            <Row key={run.id} run={run} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

const shownOfInput = 300

function Row({ run }: { run: Run }) {
  const { environment } = useClient()
  const { inputTokens, outputTokens, nanoUsd, seconds } = run.spent
  const worked = duration(seconds * 1000)
  return (
    <tr className="hover:bg-sunken">
      <th scope="row" className={`${cell} w-full max-w-0 text-left font-normal`}>
        <Link
          className="text-accent block truncate py-0.5 font-medium underline-offset-2 hover:underline"
          to="/runs/$runId"
          params={{ runId: run.id }}
          search={{ environment }}
        >
          <bdi>{visible(run.input.slice(0, shownOfInput))}</bdi>
        </Link>
        <span className="text-muted block truncate text-xs md:hidden">
          {run.agent} · {worked} · <Ago instant={run.createdAt} />
        </span>
      </th>
      <td className={cell}>
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1 py-0.5">
          <StatusBadge status={run.status} />
          {run.rehearsal && <RehearsalMark />}
        </span>
        {hasEnded(run.status) && run.status !== 'succeeded' && run.reason !== run.status && (
          <span className="text-muted block text-xs whitespace-nowrap">{run.reason}</span>
        )}
      </td>
      <td className={`${cell} ${wide} py-3 whitespace-nowrap`}>{run.agent}</td>
      <td className={`${cell} ${wide} py-3 text-right tabular-nums`}>
        {(inputTokens + outputTokens).toLocaleString()}
      </td>
      <td className={`${cell} ${wide} py-3 text-right tabular-nums`}>{usd(nanoUsd)}</td>
      <td className={`${cell} ${wide} py-3 text-right whitespace-nowrap tabular-nums`}>{worked}</td>
      <td className={`${cell} ${wide} text-muted py-3 text-right`}>
        <Ago instant={run.createdAt} />
      </td>
    </tr>
  )
}
