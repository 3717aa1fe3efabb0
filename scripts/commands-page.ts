import { wholeProgram } from '../packages/cli/src/program.ts'

type Command = Awaited<ReturnType<typeof wholeProgram>>
type Option = Command['options'][number]

/** One command as it is called, such as `causeway runs list`, without those that only hold others. */
export interface DescribedCommand {
  /** With its arguments. */
  usage: string
  description: string
  options: readonly Option[]
}

/** Every command of the command line, in the order of its help. */
export async function describedCommands(): Promise<DescribedCommand[]> {
  return leavesOf(await wholeProgram(), '')
}

function leavesOf(command: Command, before: string): DescribedCommand[] {
  const name = `${before}${command.name()}`
  if (command.commands.length > 0) return command.commands.flatMap(each => leavesOf(each, `${name} `))
  const values = command.registeredArguments.map(each => {
    const shown = `${each.name()}${each.variadic ? '...' : ''}`
    return each.required ? ` <${shown}>` : ` [${shown}]`
  })
  return [{ usage: `${name}${values.join('')}`, description: command.description(), options: command.options }]
}

/** The page of all commands. */
export async function commandsPage(): Promise<string> {
  const program = await wholeProgram()
  const parts = leavesOf(program, '').flatMap(({ usage, description, options }) => [
    `## ${usage.replace(/ [<[].*/, '')}`,
    '',
    `\`${usage}\`: ${description}`,
    '',
    ...tableOf(options),
  ])
  return [
    '# Commands',
    '',
    'Made from the commands in `packages/cli/src` by `npm run reference`. In a checkout, write `npx causeway`.',
    '',
    ...tableOf(program.options),
    ...parts,
  ].join('\n')
}

function tableOf(options: readonly Option[]): string[] {
  if (options.length === 0) return []
  const rows = options.map(({ flags, description, mandatory, defaultValue, argChoices }) => {
    const more = [
      ...(argChoices ? [`one of ${argChoices.join(', ')}`] : []),
      ...(mandatory ? ['needed'] : []),
      ...(defaultValue === undefined || defaultValue === true ? [] : [`${JSON.stringify(defaultValue)} by default`]),
    ]
    const said = [description, ...more].filter(Boolean).join('; ')
    return `| \`${flags}\` | ${said.replaceAll('|', '\\|')} |`
  })
  return ['| option | what |', '| --- | --- |', ...rows, '']
}
