import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { CommandError } from '../command-error.ts'
import type { DefineCommand } from '../context.ts'
import { print, printJson } from '../output.ts'
import { visible } from '../visible.ts'
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
    .description('write a session with its runs, events and the versions that they name, a JSON object a line')
    .action(async (id: string) => {
      const { client } = await connect()
      for await (const piece of client.sessions.export(id)) process.stdout.write(piece)
    })
  sessions
    .command('import <file>')
    .description('bring in a session that was exported, here or elsewhere; "-" reads standard input')
    .action(async (file: string) => {
      const { client } = await connect()
      const imported = await client.sessions.import(await readText(file))
      if (json()) return printJson(imported)
      print(`Session ${imported.sessionId} has ${imported.events} events. Its runs:`)
      for (const { from, id } of imported.runs) print(`  ${id}  was ${visible(from)}`)
      const [run] = imported.runs
      if (run) print(`Repeat one with: npx causeway runs replay ${run.id}`)
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
      const sum = { sessions: 0, runs: 0, events: 0, memories: 0, left: 0 }
      for (let more = true; more;) {
        const erased =
          id === undefined
            ? await client.sessions.erasePerson({ person: person ?? '' })
            : await client.sessions.erase(id)
        sum.sessions += erased.sessions
        sum.runs += erased.runs
        sum.events += erased.events
        sum.memories += erased.memories
        sum.left = erased.left
        ;({ more } = erased)
      }
      if (json()) printJson(sum)
      else if (sum.left > 0) print(`Left ${sum.left} sessions whose runs have not ended, or that are under legal hold.`)
      if (!json())
        print(
          `Erased ${sum.sessions} sessions with ${sum.runs} runs, ${sum.events} events and ${sum.memories} memories.`,
        )
    })
  sessions
    .command('hold <id>')
    .description('put a session under legal hold: nothing of it is erased until it is released')
    .requiredOption('--reason <text>', 'such as the number of the matter')
    .action(async (id: string, { reason }: { reason: string }) =>
      showObject(await (await connect()).client.sessions.hold(id, { reason }), json()),
    )
  sessions
    .command('release <id>')
    .description('release a session from legal hold')
    .action(async (id: string) => showObject(await (await connect()).client.sessions.release(id), json()))
  sessions
    .command('fork <id>')
    .description('go on from a place in a session, in a session of its own')
    .requiredOption('--after <sequence>', 'the last event that is kept; see: causeway runs events', Number)
    .option('--agent-version <version>', 'another version of the agent, or "active" for the one in force')
    .action(async (id: string, request: { after: number; agentVersion?: string }) =>
      showObject(await (await connect()).client.sessions.fork(id, request), json()),
    )
}

const readText = (file: string): Promise<string> =>
  file === '-'
    ? text(process.stdin)
    : readFile(file, 'utf8').catch((cause: unknown) => {
        throw new CommandError(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
      })
