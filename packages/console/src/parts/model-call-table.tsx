import type { ModelCall } from '@causeway/contracts'
import { Link } from '@tanstack/react-router'
import { useClient } from '../api/use-client.ts'
import { duration } from './figures.ts'
import { Ago } from './instant.tsx'
import { CostOf } from './cost-of.tsx'
import { moveBetweenRows } from './move-between-rows.ts'
import { RehearsalMark, ShadowMark, StatusBadge } from './status-badge.tsx'
import { Untrusted } from './untrusted-text.tsx'

const cell = 'px-4 py-2.5 align-top'
const wide = 'hidden md:table-cell'
const columns = [
  ['Route', 'text-left'],
  ['Outcome', 'text-left'],
  ['Model', `text-left ${wide}`],
  ['Attempts', `text-right ${wide}`],
  ['Tokens', `text-right ${wide}`],
  ['Cost', `text-right ${wide}`],
  ['Took', `text-right ${wide}`],
  ['Started', `text-right ${wide}`],
] as const

/** Model calls as a table; on narrow screens the lesser figures stand under the route. */
export function ModelCallTable({ calls }: { calls: readonly ModelCall[] }) {
  return (
    <div className="panel overflow-x-auto">
      <table className="w-full" onKeyDown={moveBetweenRows}>
        <caption className="sr-only">Model calls, newest first. The keys j and k go down and up.</caption>
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
          {calls.map(call => (
            <Row key={call.id} call={call} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ call }: { call: ModelCall }) {
  const { environment } = useClient()
  const { usage, errorCode } = call
  const figure = `${cell} ${wide} py-3 text-right whitespace-nowrap tabular-nums`
  return (
    <tr className="hover:bg-sunken">
      <th scope="row" className={`${cell} w-full max-w-0 text-left font-normal`}>
        <Link
          className="text-accent block truncate py-0.5 font-medium underline-offset-2 hover:underline"
          to="/model-calls/$callId"
          params={{ callId: call.id }}
          search={{ environment }}
        >
          <Untrusted text={call.route} />
        </Link>
        <span className="text-muted block truncate text-xs">
          <Untrusted text={call.actor} />
          <span className="md:hidden">
            {' '}
            · {duration(call.durationMs)} · <Ago instant={call.startedAt} />
          </span>
        </span>
      </th>
      <td className={cell}>
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1 py-0.5">
          <StatusBadge status={call.outcome} />
          {call.rehearsal && <RehearsalMark />}
          {call.shadowOf !== null && <ShadowMark />}
        </span>
        {errorCode && <span className="text-muted block text-xs whitespace-nowrap">{errorCode}</span>}
      </td>
      <td className={`${cell} ${wide} min-w-36 py-3 wrap-anywhere`}>
        {call.model && <Untrusted text={call.model} />}
        {call.provider && <span className="text-muted block text-xs">{call.provider}</span>}
      </td>
      <td className={figure}>{call.attempts.length}</td>
      <td className={figure}>{(usage.inputTokens + usage.outputTokens).toLocaleString()}</td>
      <td className={figure}>
        <CostOf cost={call.cost} />
      </td>
      <td className={figure}>{duration(call.durationMs)}</td>
      <td className={`${figure} text-muted`}>
        <Ago instant={call.startedAt} />
      </td>
    </tr>
  )
}
