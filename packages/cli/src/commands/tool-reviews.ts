import { ToolReviewAction, ToolReviewState, type ToolReviewDetail } from '@causeway/contracts'
import { Option } from 'commander'
import { CommandError } from '../command-error.ts'
import type { DefineCommand } from '../context.ts'
import { printDifferences, submitTools } from '../manifest-commands.ts'
import { print, printJson } from '../output.ts'
import { listCommand, showList, type ListOptions } from '../show-list.ts'
import { visible } from '../visible.ts'

const descriptions: Readonly<Record<ToolReviewAction, string>> = {
  approve: 'approve a version, so that it can be put in force outside of dev',
  reject: 'say no to a version',
  comment: 'say something about a version',
  quarantine: 'take a version back at once: nobody calls it until it is approved again',
  restore: 'let a quarantined version be reviewed again',
  deprecate: 'say that a version goes out of use; it can still be called',
  retire: 'end the life of a version: it is not called any more',
}

/** `causeway tool-reviews` */
export const defineToolReviews: DefineCommand = (reviews, { json, connect }) => {
  listCommand(reviews, 'list reviews of tools, newest first')
    .addOption(new Option('--state <state>').choices(ToolReviewState.options))
    .option('--tool <name>')
    .option('--overdue', 'only those in review whose time is up')
    .action(async ({ overdue, ...query }: ListOptions & { state?: ToolReviewState; tool?: string; overdue?: true }) => {
      const { client } = await connect()
      await showList(
        client.toolReviews,
        { ...query, ...(overdue && { overdue: 'true' as const }) },
        {
          json: json(),
          head: ['review', 'tool', 'version', 'effect', 'risk', 'state', 'by', 'due'],
          row: each => [
            each.id,
            each.tool,
            each.version.slice(0, 12),
            each.effect,
            String(each.risk),
            each.state,
            visible(each.submittedBy),
            each.state === 'in-review' ? each.dueAt : '',
          ],
        },
      )
    })
  reviews
    .command('submit <paths...>')
    .description('have the tools in files checked and reviewed')
    .option('--comment <text>', 'what reviewers should know')
    .action(async (paths: string[], { comment }: { comment?: string }) => {
      const { client } = await connect()
      const submitted = await submitTools({ client, paths, ...(comment !== undefined && { comment }) })
      if (json()) printJson({ data: submitted })
      else for (const review of submitted) show(review)
      const rejected = submitted.filter(({ state }) => state === 'rejected')
      if (rejected.length > 0)
        throw new CommandError(`Rejected by the checks: ${rejected.map(({ tool }) => tool).join(', ')}.`)
    })
  reviews
    .command('get <id>')
    .description('show a version, what the checks found, and what has changed since the one that was approved last')
    .action(async (id: string) => {
      const review = await (await connect()).client.toolReviews.get(id)
      if (json()) printJson(review)
      else show(review)
    })
  for (const action of ToolReviewAction.options) {
    const command = reviews.command(`${action} <id>`).description(descriptions[action])
    const comment = new Option('--comment <text>', 'why')
    command
      .addOption(action === 'approve' ? comment : comment.makeOptionMandatory())
      .action(async (id: string, said: { comment?: string }) => {
        const review = await (await connect()).client.toolReviews.act(id, { action, ...said })
        if (json()) printJson(review)
        else print(stateOf(review))
      })
  }
}

function show(review: ToolReviewDetail): void {
  print(stateOf(review))
  print(`  ${review.id}, submitted by ${visible(review.submittedBy)} in ${review.submittedIn}`)
  const { owner, deprecation, dataClasses } = review.facts
  if (owner !== null) print(`  owner: ${visible(owner)}`)
  if (dataClasses.length > 0) print(`  classes of data: ${dataClasses.join(', ')}`)
  if (deprecation)
    print(`  goes out of use at ${deprecation.endsAt}${deprecation.successor ? `; then ${deprecation.successor}` : ''}`)
  for (const { check, outcome, message } of review.checks) print(`  ${check}: ${outcome}. ${visible(message)}`)
  for (const { at, by, action, comment } of review.history)
    print(`  ${at} ${visible(by)}: ${action}${comment === null ? '' : `. ${visible(comment)}`}`)
  if (review.enabledIn.length > 0) print(`  in force in ${review.enabledIn.join(', ')}`)
  if (review.comparedTo === null) {
    print('  No version was approved before. All of it:')
    for (const line of visible(JSON.stringify(review.spec, null, 2)).split('\n')) print(`    ${line}`)
  } else {
    print(`  Changed since ${review.comparedTo.slice(0, 12)}:`)
    printDifferences(review.differences)
  }
}

function stateOf({ tool, version, effect, risk, state, history, approvalsNeeded, dueAt }: ToolReviewDetail): string {
  const title = `${tool} ${version.slice(0, 12)} (${effect}, risk ${risk}): ${state}`
  if (state !== 'in-review') return title
  const given = history
    .slice(history.findLastIndex(({ action }) => action === 'submit' || action === 'restore'))
    .filter(({ action }) => action === 'approve').length
  return `${title}, ${given} of ${approvalsNeeded} approvals, due ${dueAt}`
}
