import { ApprovalStatus, type Approval } from '@causeway/contracts'
import { Option } from 'commander'
import type { DefineCommand } from '../context.ts'
import { brief, print, printJson } from '../output.ts'
import { listCommand, showList, type ListOptions } from '../show-list.ts'
import { visible } from '../visible.ts'

/** `causeway approvals` */
export const defineApprovals: DefineCommand = (approvals, { json, connect }) => {
  listCommand(approvals, 'list approvals, newest first')
    .addOption(new Option('--status <status>').choices(ApprovalStatus.options).default('pending'))
    .option('--escalated', 'only what has waited too long')
    .action(async ({ escalated, ...query }: ListOptions & { status: ApprovalStatus; escalated?: true }) => {
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
  for (const outcome of ['approve', 'deny'] as const)
    approvals
      .command(`${outcome} <id>`)
      .description(`${outcome} a tool call`)
      .option('--comment <text>')
      .action(async (id: string, { comment }: { comment?: string }) => {
        const { client } = await connect()
        const approval = await client.approvals.decide(id, { outcome, ...(comment && { comment }) })
        if (json()) printJson(approval)
        else if (approval.status === 'pending')
          print(`${approval.approvedBy.length} of ${approval.needed} people have approved this.`)
        else print(`${approval.status}: ${visible(approval.tool)} ${brief(approval.arguments)}`)
      })
}

const origins = {
  'user-stated': 'the user said it',
  trusted: 'it stands in a trusted result of',
  untrusted: 'UNTRUSTED, it stands in what outsiders may have written:',
  'model-made': 'MADE BY THE MODEL',
} as const

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
    'Why a person is asked:',
    ...decision.reasons.map(({ id: rule, message }) => `  ${visible(message)} (${rule})`),
    ...(traced.length > 0 ? ['Where the arguments come from:', ...traced] : []),
  ].join('\n')
}
