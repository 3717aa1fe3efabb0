import { ApprovalStatus, type Approval } from '@causeway/contracts'
import { Option } from 'commander'
import { CommandError } from '../command-error.ts'
import type { DefineCommand } from '../context.ts'
import { brief, print, printJson } from '../output.ts'
import { listCommand, showList, type ListOptions } from '../show-list.ts'
import { visible } from '../visible.ts'

interface ApprovalFilters {
  status: ApprovalStatus
  escalated?: true
  assignedTo?: string
}

/** `causeway approvals` */
export const defineApprovals: DefineCommand = (approvals, { json, connect }) => {
  listCommand(approvals, 'list approvals, newest first')
    .addOption(new Option('--status <status>').choices(ApprovalStatus.options).default('pending'))
    .option('--escalated', 'only what has waited too long')
    .option('--assigned-to <person>', 'only what was handed on to this person')
    .action(async ({ escalated, ...query }: ListOptions & ApprovalFilters) => {
      const { client } = await connect()
      await showList(
        client.approvals,
        { ...query, ...(escalated && { escalated: 'true' as const }) },
        {
          json: json(),
          head: ['approval', 'status', 'agent', 'tool', 'arguments', 'expires'],
          row: each => [each.id, each.status, each.agent, each.tool, brief(each.arguments, 80), each.expiresAt],
        },
      )
    })
  approvals
    .command('get <id>')
    .description('show what would be done, why a person is asked, and where the arguments come from')
    .action(async (id: string) => {
      const approval = await (await connect()).client.approvals.get(id)
      if (json()) printJson(approval)
      else print(described(approval))
    })
  for (const outcome of ['approve', 'deny'] as const) {
    const command = approvals
      .command(`${outcome} <ids...>`)
      .description(`${outcome} tool calls, each by itself`)
      .option('--comment <text>')
    if (outcome === 'approve') command.option('--arguments <json>', 'approve one call with these instead')
    command.action(async (ids: string[], options: { comment?: string; arguments?: string }) => {
      const { client } = await connect()
      const answer = { outcome, ...(options.comment && { comment: options.comment }) }
      const [id] = ids
      if (ids.length > 1 || id === undefined) {
        if (options.arguments !== undefined) throw new CommandError('--arguments goes with one approval.')
        const { data } = await client.approvals.decideSeveral({ ids, ...answer })
        if (json()) printJson(data)
        else
          for (const each of data)
            print(`${each.id} ${each.approval ? decided(each.approval) : visible(each.error?.message ?? '')}`)
        const failed = data.filter(({ error }) => error).length
        if (failed > 0) throw new CommandError(`${failed} of ${data.length} were not decided.`)
        return
      }
      const values = options.arguments === undefined ? undefined : readArguments(options.arguments)
      const approval = await client.approvals.decide(id, { ...answer, ...(values && { arguments: values }) })
      if (json()) printJson(approval)
      else print(decided(approval))
    })
  }
  approvals
    .command('delegate <id>')
    .description('hand an approval on to another person')
    .requiredOption('--to <person>', 'such as user:ada')
    .option('--comment <text>')
    .action(async (id: string, { to, comment }: { to: string; comment?: string }) => {
      const { client } = await connect()
      const approval = await client.approvals.delegate(id, { to, ...(comment && { comment }) })
      if (json()) printJson(approval)
      else print(`Handed on to ${visible(to)}.`)
    })
  approvals
    .command('link <id>')
    .description('make an address at which one person decides, without an account')
    .requiredOption('--person <name>', 'who decides with it, as the audit log will say')
    .option('--expires-in <seconds>', 'how long it holds', Number)
    .action(async (id: string, { person, expiresIn }: { person: string; expiresIn?: number }) => {
      const link = await (
        await connect()
      ).client.approvals.link(id, { person, ...(expiresIn !== undefined && { expiresInSeconds: expiresIn }) })
      if (json()) printJson(link)
      else print(`${link.url}\nIt holds until ${link.expiresAt}; whoever has it decides as ${visible(person)}.`)
    })
}

function readArguments(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed }
  } catch {
    // Told below.
  }
  throw new CommandError(`--arguments must be a JSON object, such as '{"amount": 10}'.`)
}

const decided = ({ status, approvedBy, needed, tool, arguments: values, edited }: Approval): string =>
  status === 'pending'
    ? `${approvedBy.length} of ${needed} people have approved this.`
    : `${status}: ${visible(tool)} ${brief(edited?.arguments ?? values)}${edited ? ' (changed)' : ''}`

const origins = {
  'user-stated': 'the user said it',
  trusted: 'it stands in a trusted result of',
  untrusted: 'UNTRUSTED, it stands in what outsiders may have written:',
  'model-made': 'MADE BY THE MODEL',
} as const

/** What is different from another call, argument by argument. */
function changesSince(before: Record<string, unknown>, now: Record<string, unknown>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])]
  const changes = names.flatMap(name => {
    const [old, current] = [before[name], now[name]].map(value =>
      value === undefined ? undefined : JSON.stringify(value),
    )
    if (old === current) return []
    return [
      ...(old === undefined ? [] : [`  - ${visible(name)}: ${brief(old, 200)}`]),
      ...(current === undefined ? [] : [`  + ${visible(name)}: ${brief(current, 200)}`]),
    ]
  })
  return changes.length > 0 ? changes : ['  nothing is different']
}

function described({
  id,
  status,
  needed,
  approvedBy,
  escalatedAt,
  agent,
  tool,
  arguments: values,
  decision,
  requestedBy,
  expiresAt,
  edited,
  previous,
}: Approval): string {
  const traced = (decision.arguments ?? []).map(({ pointer, origin, from }) =>
    `  ${visible(pointer)}: ${origins[origin]} ${visible(from.join(', '))}`.trimEnd(),
  )
  return [
    `${id}: ${status}, until ${expiresAt}${escalatedAt ? `, handed up ${escalatedAt}` : ''}`,
    ...(needed > 1
      ? [`${needed} people must approve; approved by: ${visible(approvedBy.join(', ')) || 'nobody yet'}`]
      : []),
    `${visible(agent)} asks to call ${visible(tool)}, for ${visible(requestedBy)}`,
    visible(JSON.stringify(values, null, 2)),
    ...(edited ? ['Approved with other arguments:', visible(JSON.stringify(edited.arguments, null, 2))] : []),
    ...(previous
      ? [
          `Against the call that ${visible(previous.decidedBy)} approved last, ${previous.decidedAt}:`,
          ...changesSince(previous.arguments, values),
        ]
      : []),
    'Why a person is asked:',
    ...decision.reasons.map(({ id: rule, message }) => `  ${visible(message)} (${rule})`),
    ...(traced.length > 0 ? ['Where the arguments come from:', ...traced] : []),
  ].join('\n')
}
