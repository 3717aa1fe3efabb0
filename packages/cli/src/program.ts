import {
  CausewayError,
  CreateApiKey,
  errorCatalogue,
  LimitName,
  RunStatus,
  ApprovalStatus,
  type Page,
  type RunLimits,
} from '@causeway/contracts'
import { PlatformUnreachableError, type Client } from '@causeway/sdk'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import cliPackage from '../package.json' with { type: 'json' }
import { CommandError, connect, type GlobalOptions } from './connection.ts'
import { apply, diff, exportAll, plan, validate } from './manifest-commands.ts'
import { brief, print, printJson, safe, table, usd } from './output.ts'
import { runCommand } from './run-command.ts'

const exitCodes = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the run waits for approval, 4 the run failed or used up a limit, 130 cancelled.
Settings:   CAUSEWAY_URL or CAUSEWAY_PORT, CAUSEWAY_API_KEY (else the file admin-key in CAUSEWAY_DATA), CAUSEWAY_ENVIRONMENT, NO_COLOR.`

/** Runs the command line. @returns the exit code */
export async function run(argv: readonly string[]): Promise<number> {
  let exitCode = 0
  const program = createProgram(code => (exitCode = code))
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    return report(error, argv.includes('--verbose'))
  }
}

function report(error: unknown, verbose: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (verbose && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  if (error instanceof CommandError) {
    process.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
  if (error instanceof CausewayError) {
    process.stderr.write(
      `${safe(error.message)}\n${(error.problems ?? []).map(({ pointer, message }) => `  ${pointer}: ${safe(message)}\n`).join('')}${errorCatalogue[error.code].remedy} (${error.code})\n`,
    )
    return 1
  }
  const known = error instanceof PlatformUnreachableError
  process.stderr.write(
    `${error instanceof Error ? error.message : String(error)}${known || verbose ? '' : ' (--verbose shows more)'}\n`,
  )
  return 1
}

type Action = (client: Client, options: GlobalOptions, url: string) => Promise<void>

function createProgram(setExitCode: (code: number) => void): Command {
  const program = new Command('causeway')
    .description('Build, run, govern and observe AI agents.')
    .version(cliPackage.version)
    .option('--url <address>', 'address of the platform')
    .option('--key <key>', 'API key')
    .option('-e, --environment <name>', 'environment')
    .option('--json', 'print JSON: one object a line')
    .option('--no-color', 'no colours')
    .option('--verbose', 'show the cause of failures')
    .addHelpText('after', exitCodes)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })

  const connected = (action: Action) => async () => {
    const options = program.opts<GlobalOptions>()
    const { client, url } = connect(options)
    await action(client, options, url)
  }
  const json = (): boolean => program.opts<GlobalOptions>().json === true

  program
    .command('run <agent> <input>')
    .description('run an agent and watch it; "-" reads the input from standard input')
    .option('--session <id>', 'continue a session')
    .option('--limit <name=value>', `tighten a limit: ${LimitName.options.map(kebab).join(', ')}`, readLimit, {})
    .option('--no-wait', 'leave when the run waits for approval')
    .action(
      (
        agent: string,
        input: string,
        { session, limit, wait }: { session?: string; limit: Partial<RunLimits>; wait: boolean },
      ) =>
        connected(async (client, options, url) => {
          const text = input === '-' ? await readStdin() : input
          const request = { agent, input: text, limits: limit, ...(session && { sessionId: session }) }
          setExitCode(await runCommand({ client, url, request, json: options.json === true, wait }))
        })(),
    )

  const runs = program.command('runs').description('runs: list, get, events, cancel')
  paged(runs, 'list runs, newest first')
    .option('--agent <name>')
    .addOption(new Option('--status <status>').choices(RunStatus.options))
    .action((filters: { agent?: string; status?: RunStatus; limit: number; cursor?: string }) =>
      connected(async client =>
        show(
          await client.runs.list(filters),
          json(),
          ['run', 'agent', 'status', 'reason', 'tokens', 'cost', 'created'],
          each => [
            each.id,
            each.agent,
            each.status,
            each.reason ?? '',
            String(each.spent.inputTokens + each.spent.outputTokens),
            usd(each.spent.nanoUsd),
            each.createdAt,
          ],
        ),
      )(),
    )
  runs
    .command('get <id>')
    .description('read a run')
    .action((id: string) => connected(async client => object(await client.runs.get(id), json()))())
  runs
    .command('events <id>')
    .description('read the events of a run, one a line')
    .action((id: string) =>
      connected(async client => {
        for (const event of await client.runs.events(id)) {
          if (json()) printJson(event)
          else
            print(`${String(event.sequence).padStart(4)}  ${event.at}  ${event.type.padEnd(18)}  ${brief(event.data)}`)
        }
      })(),
    )
  runs
    .command('cancel <id>')
    .description('stop a run')
    .action((id: string) =>
      connected(async client => {
        const { status } = await client.runs.cancel(id)
        if (json()) printJson({ id, status })
        else print(status === 'running' ? `${id} is being stopped.` : `${id} is ${status}.`)
      })(),
    )

  const sessions = program.command('sessions').description('sessions: list, get')
  paged(sessions, 'list sessions, newest first').action((filters: { limit: number; cursor?: string }) =>
    connected(async client =>
      show(await client.sessions.list(filters), json(), ['session', 'agent', 'events', 'created'], each => [
        each.id,
        each.agent,
        String(each.lastSequence),
        each.createdAt,
      ]),
    )(),
  )
  sessions
    .command('get <id>')
    .description('read a session')
    .action((id: string) => connected(async client => object(await client.sessions.get(id), json()))())

  const agents = program.command('agents').description('agents: list')
  paged(agents, 'list the agents of the environment').action((filters: { limit: number; cursor?: string }) =>
    connected(async client =>
      show(await client.agents.list(filters), json(), ['agent', 'model', 'tools', 'version'], each => [
        each.name,
        each.model,
        each.tools.join(' '),
        each.version.slice(0, 12),
      ]),
    )(),
  )

  approvalCommands(program, connected, json)
  manifestCommands(program, connected, json)
  keyCommands(program, connected, json)
  auditCommands(program, connected, json)

  program
    .command('environments')
    .description('list the environments')
    .action(
      connected(async client =>
        show(await client.environments.list(), json(), ['environment', 'id'], each => [each.name, each.id]),
      ),
    )
  program
    .command('whoami')
    .description('show whose key is used, and where')
    .action(connected(async client => object(await client.me(), json())))
  return program
}

type Connected = (action: Action) => () => Promise<void>

function approvalCommands(program: Command, connected: Connected, json: () => boolean): void {
  const approvals = program.command('approvals').description('approvals: list, approve, deny')
  paged(approvals, 'list approvals, newest first')
    .addOption(new Option('--status <status>').choices(ApprovalStatus.options).default('pending'))
    .action((filters: { status: ApprovalStatus; limit: number; cursor?: string }) =>
      connected(async client =>
        show(
          await client.approvals.list(filters),
          json(),
          ['approval', 'status', 'agent', 'tool', 'arguments', 'expires'],
          each => [each.id, each.status, each.agent, each.tool, brief(each.arguments, 80), each.expiresAt],
        ),
      )(),
    )
  for (const outcome of ['approve', 'deny'] as const)
    approvals
      .command(`${outcome} <id>`)
      .description(`${outcome} a tool call; the answer is final`)
      .option('--comment <text>')
      .action((id: string, { comment }: { comment?: string }) =>
        connected(async client => {
          const approval = await client.approvals.decide(id, { outcome, ...(comment && { comment }) })
          if (json()) printJson(approval)
          else print(`${approval.status}: ${approval.tool} ${brief(approval.arguments)}`)
        })(),
      )
}

function manifestCommands(program: Command, connected: Connected, json: () => boolean): void {
  program
    .command('validate <paths...>')
    .description('check manifests without a server')
    .action((paths: string[]) => validate(paths, json()))
  program
    .command('plan <paths...>')
    .description('show what applying manifests would change')
    .option('--prune', 'delete what is not in the files')
    .action((paths: string[], { prune }: { prune?: boolean }) =>
      connected(client => plan({ client, paths, prune: prune === true, json: json() }))(),
    )
  program
    .command('apply <paths...>')
    .description('put manifests in force, all or none')
    .option('--prune', 'delete what is not in the files')
    .option('-y, --yes', 'do not ask')
    .action((paths: string[], { prune, yes }: { prune?: boolean; yes?: boolean }) =>
      connected(client => apply({ client, paths, prune: prune === true, yes: yes === true, json: json() }))(),
    )
  program
    .command('diff <kind/name> [from] [to]')
    .description('compare two versions of a manifest')
    .action((title: string, from?: string, to?: string) => connected(client => diff(client, title, from, to, json()))())
  program
    .command('export')
    .description('write the manifests in force as YAML')
    .option('--out <folder>')
    .action(({ out }: { out?: string }) => connected(client => exportAll(client, out))())
}

function keyCommands(program: Command, connected: Connected, json: () => boolean): void {
  const keys = program.command('keys').description('API keys: list, create, revoke')
  paged(keys, 'list API keys').action((filters: { limit: number; cursor?: string }) =>
    connected(async client =>
      show(
        await client.apiKeys.list(filters),
        json(),
        ['key', 'name', 'role', 'environment', 'prefix', 'state'],
        each => [
          each.id,
          each.name,
          each.role,
          each.environment ?? 'all',
          each.prefix,
          each.revokedAt ? 'revoked' : each.expiresAt && Date.parse(each.expiresAt) < Date.now() ? 'expired' : 'valid',
        ],
      ),
    )(),
  )
  keys
    .command('create <name>')
    .description('create a key; it is shown this one time')
    .addOption(new Option('--role <role>').choices(CreateApiKey.shape.role.options).makeOptionMandatory())
    .option('--only <environment>', 'bind the key to one environment')
    .option('--expires <seconds>', 'seconds until it expires', wholeNumber)
    .action((name: string, { role, only, expires }: { role: CreateApiKey['role']; only?: string; expires?: number }) =>
      connected(async client => {
        const key = await client.apiKeys.create({
          name,
          role,
          ...(only && { environment: only }),
          ...(expires && { expiresInSeconds: expires }),
        })
        if (json()) printJson(key)
        else print(`${key.key}\n\nKeep it now: it is not shown again. Id: ${key.id}`)
      })(),
    )
  keys
    .command('revoke <id>')
    .description('revoke a key for good')
    .action((id: string) =>
      connected(async client => {
        const key = await client.apiKeys.revoke(id)
        if (json()) printJson(key)
        else print(`${key.name} is revoked.`)
      })(),
    )
}

function auditCommands(program: Command, connected: Connected, json: () => boolean): void {
  const audit = program.command('audit').description('audit log: list, verify')
  paged(audit, 'read the audit log, newest first')
    .option('--action <action>')
    .option('--actor <actor>')
    .option('--subject <subject>')
    .action((filters: { action?: string; actor?: string; subject?: string; limit: number; cursor?: string }) =>
      connected(async client =>
        show(await client.audit.list(filters), json(), ['row', 'at', 'actor', 'action', 'subject'], each => [
          String(each.sequence),
          each.at,
          each.actor,
          each.action,
          each.subject,
        ]),
      )(),
    )
  audit
    .command('verify')
    .description('recompute the chain of hashes')
    .action(
      connected(async client => {
        const result = await client.audit.verify()
        if (json()) printJson(result)
        else
          print(
            result.valid
              ? `The chain of ${result.entries} rows is unbroken. Head: ${result.head}`
              : `BROKEN at row ${result.firstBrokenSequence}: ${result.problem}`,
          )
        if (!result.valid) throw new CommandError('The audit log was tampered with.')
      }),
    )
}

/** A `list` command with paging. */
const paged = (parent: Command, description: string): Command =>
  parent
    .command('list')
    .description(description)
    .option('--limit <rows>', 'rows a page', wholeNumber, 50)
    .option('--cursor <cursor>', 'where the page before ended')

/** Shows a page: a table with a hint at the next page, or one JSON object a line. */
function show<Item>(page: Page<Item>, json: boolean, head: readonly string[], row: (item: Item) => string[]): void {
  if (json) {
    for (const item of page.data) printJson(item)
    return
  }
  if (page.data.length === 0) return print('Nothing here.')
  table(
    head,
    page.data.map(item => row(item).map(safe)),
  )
  if (page.nextCursor) print(`more: --cursor ${page.nextCursor}`)
}

/** Shows one thing: its fields a line each, or JSON. */
function object(value: object, json: boolean): void {
  if (json) return printJson(value)
  for (const [name, field] of Object.entries(value)) print(`${name.padEnd(14)}  ${brief(field, 2000)}`)
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1.')
  return Number(text)
}

function readLimit(text: string, limits: Partial<RunLimits>): Partial<RunLimits> {
  const [name, value] = text.split('=')
  const limit = LimitName.options.find(each => kebab(each) === name)
  if (!limit || !value || !Number.isFinite(Number(value)))
    throw new InvalidArgumentError(`expected name=number with a name of ${LimitName.options.map(kebab).join(', ')}.`)
  return { ...limits, [limit]: Number(value) }
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)

async function readStdin(): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks).toString('utf8').trim()
}
