import { LimitName, RunLimits, RunPriority } from '@causeway/contracts'
import { InvalidArgumentError, Option } from 'commander'
import type { DefineCommand } from '../context.ts'
import { readAttachments } from '../read-attachments.ts'
import { runCommand } from '../run-command.ts'

interface RunOptions {
  session?: string
  attach?: string[]
  limit?: Partial<RunLimits>
  priority?: RunPriority
  wait?: boolean
}

/** `causeway run` */
export const defineRun: DefineCommand = (command, { options, json, connect, setExitCode }) => {
  command
    .option('--session <id>', 'continue a session')
    .option('--attach <files...>', 'hand over images, PDF, audio or texts')
    .option('--limit <name=value>', `tighten a limit: ${LimitName.options.map(kebab).join(', ')}`, readLimit)
    .addOption(new Option('--priority <priority>', 'which runs are worked on first').choices(RunPriority.options))
    .option('--no-wait', 'leave when the run waits for approval')
    .action(
      async (
        agent: string,
        input: string,
        // The default of an option that only says no is set before this command is loaded.
        { session, attach, limit, priority, wait = true }: RunOptions,
      ) => {
        const { client, url } = await connect()
        const text = input === '-' ? await readStdin() : input
        const request = {
          agent,
          input: text,
          ...(attach && { attachments: await readAttachments(attach) }),
          ...(limit && { limits: limit }),
          ...(session && { sessionId: session }),
          ...(priority && { priority }),
        }
        setExitCode(await runCommand({ client, url, request, json: json(), wait, flags: flagsOf(options()) }))
      },
    )
}

/** The options that a further command needs to reach the same place; the key is not written to the screen. */
const flagsOf = ({ url, environment }: { url?: string; environment?: string }): string =>
  `${url ? ` --url ${url}` : ''}${environment ? ` --environment ${environment}` : ''}`

function readLimit(text: string, limits: Partial<RunLimits> = {}): Partial<RunLimits> {
  const [name, value] = text.split('=')
  const limit = LimitName.options.find(each => kebab(each) === name)
  if (!limit || !value || !Number.isFinite(Number(value)))
    throw new InvalidArgumentError(`expected name=number with a name of ${LimitName.options.map(kebab).join(', ')}.`)
  if (!RunLimits.shape[limit].safeParse(Number(value)).success)
    throw new InvalidArgumentError(`${value} is not a possible limit of ${name}.`)
  return { ...limits, [limit]: Number(value) }
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

async function readStdin(): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks).toString('utf8').trim()
}
