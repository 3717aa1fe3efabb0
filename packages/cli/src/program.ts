import cliPackage from '@causeway/cli/package.json' with { type: 'json' }
import { Command, CommanderError } from 'commander'
import type { GlobalOptions } from './connection.ts'
import type { Context, DefineCommand } from './context.ts'
import { withoutStyles } from './output.ts'

const exitCodes = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the run waits for approval, 4 the run failed or used up a limit, 130 cancelled.
Settings:   CAUSEWAY_URL or CAUSEWAY_PORT, CAUSEWAY_API_KEY (else the file admin-key in CAUSEWAY_DATA), CAUSEWAY_ENVIRONMENT, NO_COLOR.`

/** Every command: how it is called, what it does, and where the rest of it is. Only the one that is used is loaded. */
const commands: readonly [name: string, description: string, load: () => Promise<DefineCommand>][] = [
  ['init <folder>', 'begin a project from a template', async () => (await import('./commands/init.ts')).defineInit],
  [
    'run <agent> <input>',
    'run an agent and watch it; "-" reads the input from standard input',
    async () => (await import('./commands/run.ts')).defineRun,
  ],
  ['runs', 'runs: list, get, events, cancel', async () => (await import('./commands/runs.ts')).defineRuns],
  ['sessions', 'sessions: list, get', async () => (await import('./commands/sessions.ts')).defineSessions],
  [
    'memories',
    'what agents remember of people: list, erase',
    async () => (await import('./commands/memories.ts')).defineMemories,
  ],
  [
    'model-calls',
    'requests to the model gateway: list, get',
    async () => (await import('./commands/model-calls.ts')).defineModelCalls,
  ],
  [
    'usage',
    'sum requests, tokens and cost, and show what is left of budgets',
    async () => (await import('./commands/usage.ts')).defineUsage,
  ],
  [
    'incidents',
    'what went wrong: list, get, open, note, acknowledge, resolve',
    async () => (await import('./commands/incidents.ts')).defineIncidents,
  ],
  [
    'slos',
    'service level objectives and their error budgets: list, get',
    async () => (await import('./commands/slos.ts')).defineSlos,
  ],
  ['costs', 'costs of stored model calls: reprice', async () => (await import('./commands/costs.ts')).defineCosts],
  ['agents', 'agents: list', async () => (await import('./commands/agents.ts')).defineAgents],
  [
    'approvals',
    'approvals: list, get, approve, deny',
    async () => (await import('./commands/approvals.ts')).defineApprovals,
  ],
  [
    'validate <paths...>',
    'check manifests without a server',
    async () => (await import('./commands/manifests.ts')).defineValidate,
  ],
  [
    'plan <paths...>',
    'show what applying manifests would change',
    async () => (await import('./commands/manifests.ts')).definePlan,
  ],
  [
    'apply <paths...>',
    'put manifests in force, all or none',
    async () => (await import('./commands/manifests.ts')).defineApply,
  ],
  ['policy', 'policies: test, impact', async () => (await import('./commands/policy.ts')).definePolicy],
  [
    'diff <kind/name> [from] [to]',
    'compare two versions of a manifest',
    async () => (await import('./commands/manifests.ts')).defineDiff,
  ],
  [
    'export',
    'write the manifests in force as YAML',
    async () => (await import('./commands/manifests.ts')).defineExport,
  ],
  ['tools', 'tools of other servers: import', async () => (await import('./commands/tools.ts')).defineTools],
  [
    'tool-reviews',
    'the life of tools: submit, approve, quarantine, retire',
    async () => (await import('./commands/tool-reviews.ts')).defineToolReviews,
  ],
  [
    'webhooks',
    'where events of runs are sent: list, test, messages, replay',
    async () => (await import('./commands/webhooks.ts')).defineWebhooks,
  ],
  [
    'triggers',
    'what starts runs by itself: list, fire',
    async () => (await import('./commands/triggers.ts')).defineTriggers,
  ],
  ['freezes', 'the kill switch: list, set, lift', async () => (await import('./commands/freezes.ts')).defineFreezes],
  ['keys', 'API keys: list, create, revoke', async () => (await import('./commands/keys.ts')).defineKeys],
  [
    'secrets',
    'secrets: list, set, delete, rotate-keys',
    async () => (await import('./commands/secrets.ts')).defineSecrets,
  ],
  [
    'users',
    'people of the organisation: list, create',
    async () => (await import('./commands/members.ts')).defineUsers,
  ],
  [
    'projects',
    'projects with environments of their own: list, create',
    async () => (await import('./commands/members.ts')).defineProjects,
  ],
  ['teams', 'teams of the organisation: list, create', async () => (await import('./commands/members.ts')).defineTeams],
  ['audit', 'audit log: list, verify', async () => (await import('./commands/audit.ts')).defineAudit],
  [
    'environments',
    'list the environments',
    async () => (await import('./commands/environments.ts')).defineEnvironments,
  ],
  ['whoami', 'show whose key is used, and where', async () => (await import('./commands/whoami.ts')).defineWhoami],
  [
    'doctor',
    'check the address, the key and the environment',
    async () => (await import('./commands/doctor.ts')).defineDoctor,
  ],
]

/** Runs the command line. @returns the exit code */
export async function run(argv: readonly string[]): Promise<number> {
  let exitCode = 0
  const { program } = createProgram(code => (exitCode = code))
  try {
    await program.parseAsync(withHelpOption(argv), { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const { json, verbose } = program.opts<GlobalOptions>()
    const { reportError } = await import('./report-error.ts')
    return reportError(error, { json: json === true, verbose: verbose === true })
  }
}

/** The command line with all that its commands can do, for whoever wants to describe it. */
export async function wholeProgram(): Promise<Command> {
  const { program, load } = createProgram(() => undefined)
  for (const command of program.commands) await load(command)
  return program
}

function createProgram(setExitCode: (code: number) => void): {
  program: Command
  /** Adds what a command does. */
  load: (command: Command) => Promise<void>
} {
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
  const options = (): GlobalOptions => program.opts<GlobalOptions>()
  const context: Context = {
    options,
    json: () => options().json === true,
    connect: async () => (await import('./connection.ts')).connect(options()),
    setExitCode,
  }
  const loaders = new Map<Command, () => Promise<DefineCommand>>()
  for (const [name, description, load] of commands) loaders.set(program.command(name).description(description), load)
  const load = async (command: Command): Promise<void> => {
    const define = await loaders.get(command)?.()
    define?.(command, context)
  }
  program.hook('preSubcommand', async (_program, command) => {
    if (!program.opts<{ color: boolean }>().color) withoutStyles()
    await load(command)
  })
  return { program, load }
}

/** `help runs` as `runs --help`: a command has its options only once it has been loaded. */
function withHelpOption(argv: readonly string[]): string[] {
  const [first, name, ...rest] = argv
  return first === 'help' && name !== undefined ? [name, ...rest, '--help'] : [...argv]
}
