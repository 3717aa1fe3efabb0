import { ApprovalStatus } from '@causeway/contracts'
import { Option } from 'commander'
import type { DefineCommand } from '../context.ts'
import { brief, print, printJson } from '../output.ts'
import { listCommand, showList, type ListOptions } from '../show-list.ts'
import { visible } from '../visible.ts'

/** `causeway approvals` */
export const defineApprovals: DefineCommand = (approvals, { json, connect }) => {
  listCommand(approvals, 'list approvals, newest first')
    .addOption(new Option('--status <status>').choices(ApprovalStatus.options).default('pending'))
    .action(async (query: ListOptions & { status: ApprovalStatus }) => {
      const { client } = await connect()
      await showList(client.approvals, query, {
        json: json(),
        head: ['approval', 'status', 'agent', 'tool', 'arguments', 'expires'],
        row: each => [each.id, each.status, each.agent, each.tool, brief(each.arguments, 80), each.expiresAt],
      })
    })
  for (const outcome of ['approve', 'deny'] as const)
    approvals
      .command(`${outcome} <id>`)
      .description(`${outcome} a tool call; the answer is final`)
      .option('--comment <text>')
      .action(async (id: string, { comment }: { comment?: string }) => {
        const { client } = await connect()
        const approval = await client.approvals.decide(id, { outcome, ...(comment && { comment }) })
        if (json()) printJson(approval)
        else print(`${approval.status}: ${visible(approval.tool)} ${brief(approval.arguments)}`)
      })
}
