import type { EventPage } from '@causeway/contracts'
import { CommandError } from '../command-error.ts'
import type { DefineCommand } from '../context.ts'
import { print, printJson } from '../output.ts'
import { listCommand, showList, showObject, type ListOptions } from '../show-list.ts'

/** `causeway sessions` */
export const defineSessions: DefineCommand = (sessions, { json, connect }) => {
  listCommand(sessions, 'list sessions, newest first').action(async (query: ListOptions) => {
    const { client } = await connect()
    await showList(client.sessions, query, {
      json: json(),
      head: ['session', 'agent', 'events', 'created'],
      row: ({ id, agent, lastSequence, createdAt }) => [id, agent, String(lastSequence), createdAt],
    })
  })
  sessions
    .command('get <id>')
    .description('read a session')
    .action(async (id: string) => showObject(await (await connect()).client.sessions.get(id), json()))
  sessions
    .command('export <id>')
    .description('write a session with its runs and events, a JSON object a line')
    .action(async (id: string) => {
      const { client } = await connect()
      const session = await client.sessions.get(id)
      printJson({ kind: 'session', ...session })
      for await (const run of client.runs.all({ sessionId: id })) printJson({ kind: 'run', ...run })
      for (let after: number | null = 0; after !== null;) {
        const page: EventPage = await client.sessions.events(id, { after })
        for (const event of page.data) printJson({ kind: 'event', ...event })
        after = page.nextAfter
      }
    })
  sessions
    .command('erase [id]')
    .description('erase what was said in a session, or in all of a person; that they were, and what they cost, stays')
    .option('--of <person>', 'as runs name who has requested them, such as user:ada')
    .option('-y, --yes', 'say that you are sure; nothing is erased without it')
    .action(async (id: string | undefined, { of: person, yes }: { of?: string; yes?: true }) => {
      if ((id === undefined) === (person === undefined))
        throw new CommandError('Name a session, or a person with --of.')
      if (!yes) throw new CommandError('What is erased cannot be brought back. Say --yes to erase it.')
      const { client } = await connect()
      const sum = { sessions: 0, runs: 0, events: 0, left: 0 }
      for (let more = true; more;) {
        const erased =
          id === undefined
            ? await client.sessions.erasePerson({ person: person ?? '' })
            : await client.sessions.erase(id)
        sum.sessions += erased.sessions
        sum.runs += erased.runs
        sum.events += erased.events
        sum.left = erased.left
        ;({ more } = erased)
      }
      if (json()) printJson(sum)
      else if (sum.left > 0) print(`Left ${sum.left} sessions whose runs have not ended.`)
      if (!json()) print(`Erased ${sum.sessions} sessions with ${sum.runs} runs and ${sum.events} events.`)
    })
  sessions
    .command('fork <id>')
    .description('go on from a place in a session, in a session of its own')
    .requiredOption('--after <sequence>', 'the last event that is kept; see: causeway runs events', Number)
    .option('--agent-version <version>', 'another version of the agent, or "active" for the one in force')
    .action(async (id: string, request: { after: number; agentVersion?: string }) =>
      showObject(await (await connect()).client.sessions.fork(id, request), json()),
    )
}
