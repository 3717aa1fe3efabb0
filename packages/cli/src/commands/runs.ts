import { readFileSync } from 'node:fs'
import { RunStatus } from '@causeway/contracts'
import { Option } from 'commander'
import type { DefineCommand } from '../context.ts'
import { brief, print, printJson, usd } from '../output.ts'
import { visible } from '../visible.ts'
import { listCommand, showList, showObject, wholeNumber, type ListOptions } from '../show-list.ts'

interface ReplayOptions {
  agentVersion?: string
  model?: string
  instructions?: string
}

/** `causeway runs` */
export const defineRuns: DefineCommand = (runs, { json, connect }) => {
  listCommand(runs, 'list runs, newest first')
    .option('--agent <name>')
    .addOption(new Option('--status <status>').choices(RunStatus.options))
    .action(async (query: ListOptions & { agent?: string; status?: RunStatus }) => {
      const { client } = await connect()
      await showList(client.runs, query, {
        json: json(),
        head: ['run', 'agent', 'status', 'reason', 'tokens', 'cost', 'created'],
        row: ({ id, agent, status, reason, spent, createdAt }) => [
          id,
          agent,
          status,
          reason ?? '',
          String(spent.inputTokens + spent.outputTokens),
          usd(spent.nanoUsd),
          createdAt,
        ],
      })
    })
  runs
    .command('get <id>')
    .description('read a run')
    .action(async (id: string) => showObject(await (await connect()).client.runs.get(id), json()))
  runs
    .command('events <id>')
    .description('read the events of a run, one a line')
    .action(async (id: string) => {
      const { client } = await connect()
      for (const event of await client.runs.events(id)) {
        const { sequence, at, type, data } = event
        if (json()) printJson(event)
        else print(`${String(sequence).padStart(4)}  ${at}  ${type.padEnd(18)}  ${brief(data)}`)
      }
    })
  runs
    .command('context')
    .description('show what the model was sent at a step')
    .argument('<id>')
    .argument('<step>', 'a number from 1', wholeNumber)
    .action(async (id: string, step: number) => {
      const context = await (await connect()).client.runs.context(id, { step })
      if (json()) return printJson(context)
      print(`about ${context.tokens} tokens; tools: ${visible(context.tools.join(', ')) || 'none'}`)
      print(`\ninstructions: ${visible(context.instructions)}`)
      for (const { role, text, toolCalls = [], tool } of context.messages) {
        print(`\n${role}${tool === undefined ? '' : ` ${visible(tool)}`}: ${visible(text)}`)
        for (const call of toolCalls) print(`  calls ${visible(call.tool)} ${brief(call.arguments)}`)
      }
    })
  runs
    .command('answer <id> <answer>')
    .description('answer what a run asks its user')
    .option('--call <id>', 'which question, where there are several')
    .action(async (id: string, answer: string, { call }: { call?: string }) => {
      const run = await (
        await connect()
      ).client.runs.answer(id, { answer, ...(call !== undefined && { callId: call }) })
      if (json()) printJson(run)
      else print(`${id} goes on.`)
    })
  runs
    .command('note <id> <text>')
    .description('leave a note for those who look at the run; no model is told')
    .action(async (id: string, text: string) => {
      const run = await (await connect()).client.runs.note(id, text)
      if (json()) printJson(run)
      else print('Noted.')
    })
  runs
    .command('replay <id>')
    .description('repeat a run without calling its tools, and show where it does something else')
    .option('--agent-version <version>', 'another version of the agent, or "active" for the one in force')
    .option('--model <route>', 'another route')
    .option('--instructions <file>', 'other instructions')
    .action(async (id: string, { agentVersion, model, instructions }: ReplayOptions) => {
      const { client } = await connect()
      const replay = await client.runs.replay(id, {
        ...(agentVersion !== undefined && { agentVersion }),
        ...(model !== undefined && { model }),
        ...(instructions !== undefined && { instructions: readFileSync(instructions, 'utf8') }),
      })
      await client.runs.wait(replay.id)
      const compared = await client.runs.divergence(replay.id)
      if (json()) return printJson(compared)
      const { divergence } = compared
      if (!divergence) return print(`${replay.id} does the same as ${id}.`)
      print(`${replay.id} does something else in step ${divergence.step} (${divergence.what}):`)
      print(`  was  ${brief(divergence.original, 2000)}`)
      print(`  is   ${brief(divergence.replay, 2000)}`)
    })
  runs
    .command('cancel <id>')
    .description('stop a run')
    .action(async (id: string) => {
      const { status } = await (await connect()).client.runs.cancel(id)
      if (json()) printJson({ id, status })
      else print(status === 'running' ? `${id} is being stopped.` : `${id} is ${status}.`)
    })
}
