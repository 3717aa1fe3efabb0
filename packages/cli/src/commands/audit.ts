import { readFileSync } from 'node:fs'
import { SignedAuditHead, type AuditVerification } from '@causeway/contracts'
import { CommandError } from '../command-error.ts'
import type { DefineCommand } from '../context.ts'
import { print, printJson } from '../output.ts'
import { listCommand, showList, type ListOptions } from '../show-list.ts'

/** `causeway audit` */
export const defineAudit: DefineCommand = (audit, { json, connect }) => {
  listCommand(audit, 'read the audit log, newest first')
    .option('--action <action>')
    .option('--actor <actor>')
    .option('--subject <subject>')
    .action(async (query: ListOptions & { action?: string; actor?: string; subject?: string }) => {
      const { client } = await connect()
      await showList(client.audit, query, {
        json: json(),
        head: ['row', 'at', 'actor', 'action', 'subject'],
        row: ({ sequence, at, actor, action, subject }) => [String(sequence), at, actor, action, subject],
      })
    })
  audit
    .command('head')
    .description('write where the log ends now, signed by the platform; keep it elsewhere')
    .action(async () => printJson(await (await connect()).client.audit.head()))
  audit
    .command('verify')
    .description('recompute the chain of hashes')
    .option('--head <file>', 'a head that was kept elsewhere, as audit head writes it')
    .action(async ({ head }: { head?: string }) => {
      const request = head === undefined ? {} : { head: headIn(head) }
      const result = await (await connect()).client.audit.verify(request)
      if (json()) printJson(result)
      else
        print(
          result.valid
            ? `The chain of ${result.entries} rows is unbroken${startOf(result)}. Head: ${result.head}`
            : `BROKEN at row ${result.firstBrokenSequence}: ${result.problem}`,
        )
      if (!result.valid) throw new CommandError('The audit log was tampered with.')
    })
}

const startOf = ({ removed }: AuditVerification): string =>
  removed ? `; those up to row ${removed.sequence} were removed on ${removed.at}, when their time was over` : ''

/** @throws CommandError for a file that holds none */
function headIn(file: string): SignedAuditHead {
  try {
    return SignedAuditHead.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw new CommandError(`${file} holds no head of the audit log; causeway audit head writes one.`)
  }
}
