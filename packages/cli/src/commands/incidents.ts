import {
  IncidentSeverity,
  IncidentStatus,
  IncidentSubject,
  type AddIncidentEntry,
  type IncidentDetail,
} from '@causeway/contracts'
import { InvalidArgumentError, Option } from 'commander'
import type { DefineCommand } from '../context.ts'
import { print, printJson } from '../output.ts'
import { listCommand, showList, type ListOptions } from '../show-list.ts'
import { visible } from '../visible.ts'

interface Filters extends ListOptions {
  status?: IncidentStatus
  severity?: IncidentSeverity
  about?: string
}

interface Opened {
  severity: IncidentSeverity
  about: IncidentSubject[]
  note?: string
}

const severity = () => new Option('--severity <severity>', 'how bad it is').choices(IncidentSeverity.options)

/** `causeway incidents` */
export const defineIncidents: DefineCommand = (incidents, { json, connect }) => {
  const show = (incident: IncidentDetail): void => (json() ? printJson(incident) : printIncident(incident))
  const add = async (id: string, entry: AddIncidentEntry): Promise<void> =>
    show(await (await connect()).client.incidents.add(id, entry))

  listCommand(incidents, 'list incidents, newest first')
    .addOption(new Option('--status <status>').choices(IncidentStatus.options))
    .addOption(severity())
    .option('--about <id>', 'only of a run, session, model call, agent, tool or objective, by its id or name')
    .action(async (query: Filters) => {
      await showList((await connect()).client.incidents, query, {
        json: json(),
        head: ['incident', 'severity', 'status', 'title', 'about', 'with', 'opened'],
        row: each => [
          each.id,
          each.severity,
          each.status,
          visible(each.title),
          visible(each.about.map(nameOf).join(', ')),
          visible(each.assignee ?? ''),
          each.openedAt,
        ],
      })
    })
  incidents
    .command('get <id>')
    .description('show an incident with its timeline')
    .action(async (id: string) => show(await (await connect()).client.incidents.get(id)))
  incidents
    .command('open <title>')
    .description('open an incident')
    .addOption(severity().default('high' satisfies IncidentSeverity))
    .option('--about <kind:id>', 'what it is about, such as run:run_… or tool:pay; may be repeated', subject, [])
    .option('--note <text>', 'what is known')
    .action(async (title: string, options: Opened) => {
      const incident = await (await connect()).client.incidents.open({ title, ...options })
      if (json()) printJson(incident)
      else print(`Opened: ${incident.id}. When it is over: causeway incidents resolve ${incident.id} --note "…"`)
    })
  incidents
    .command('note <id> <text>')
    .description('note what was found or done')
    .addOption(severity())
    .action(async (id: string, note: string, changes: { severity?: IncidentSeverity }) => add(id, { note, ...changes }))
  incidents
    .command('acknowledge <id>')
    .description('say that it is worked on')
    .option('--by <person>', 'who works on it, such as user:ada; whose key this is, where nothing is said')
    .option('--note <text>', 'what is known')
    .action(async (id: string, { by, ...note }: { by?: string; note?: string }) => {
      const assignee = by ?? (await (await connect()).client.me()).actor
      await add(id, { status: 'acknowledged', assignee, ...note })
    })
  incidents
    .command('resolve <id>')
    .description('say that it is over')
    .requiredOption('--note <text>', 'what it was')
    .action(async (id: string, { note }: { note: string }) => add(id, { status: 'resolved', note }))
}

/** Reads one thing that an incident is about. @throws InvalidArgumentError */
function subject(text: string, before: IncidentSubject[]): IncidentSubject[] {
  const at = text.indexOf(':')
  const read = IncidentSubject.safeParse({ kind: text.slice(0, Math.max(at, 0)), id: text.slice(at + 1) })
  if (!read.success)
    throw new InvalidArgumentError(
      `expected one of ${IncidentSubject.shape.kind.options.join(', ')} with its id or name, such as tool:pay.`,
    )
  return [...before, read.data]
}

const nameOf = ({ kind, id }: IncidentSubject): string => `${kind}:${id}`

function printIncident({ timeline, ...incident }: IncidentDetail): void {
  print(`${incident.id}: ${visible(incident.title)}`)
  print(`${incident.severity}, ${incident.status}${incident.assignee ? `, with ${visible(incident.assignee)}` : ''}`)
  if (incident.about.length > 0) print(`about ${visible(incident.about.map(nameOf).join(', '))}`)
  for (const { at, actor, note, changed } of timeline) {
    const changes = Object.entries(changed).map(
      ([name, value]) =>
        `${name}: ${Array.isArray(value) ? value.map(each => nameOf(each)).join(', ') : (value ?? 'nobody')}`,
    )
    print(`${at}  ${visible(actor)}  ${visible([...changes, ...(note === null ? [] : [note])].join('; '))}`)
  }
}
