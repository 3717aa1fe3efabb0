import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import cliPackage from '@causeway/cli/package.json' with { type: 'json' }
import { Name } from '@causeway/contracts'
import { Option } from 'commander'
import { CommandError } from '../command-error.ts'
import type { DefineCommand } from '../context.ts'
import { print, printJson } from '../output.ts'

/** What a project can begin as: a folder beside this one for each. */
const templates = {
  assistant: 'an agent with tools of its own, a worker that serves them, and a rehearsal in place of a model',
  governance: 'budgets, guardrails, policies with tests, and objectives of an environment',
} as const

type Template = keyof typeof templates

/** `causeway init` */
export const defineInit: DefineCommand = (command, { json }) => {
  command
    .addOption(
      new Option('--template <name>', 'what to begin with')
        .choices(Object.keys(templates))
        .default('assistant' satisfies Template),
    )
    .addHelpText(
      'after',
      `\nTemplates:\n${Object.entries(templates)
        .map(([name, what]) => `  ${name.padEnd(12)}${what}`)
        .join('\n')}`,
    )
    .action((folder: string, { template }: { template: Template }) => {
      const target = resolve(folder)
      const name = nameFrom(target)
      if (existsSync(target) && readdirSync(target).length > 0)
        throw new CommandError(`${folder} is not empty. Name a folder that is not there yet.`)
      const files = makeProject(join(import.meta.dirname, '../templates', template), target, {
        name,
        version: cliPackage.version,
      })
      if (json()) printJson({ folder: target, name, template, files })
      else
        print(
          `Made ${name} from the template ${template}: ${files.join(', ')}\nNext: cd ${folder}, and read README.md.`,
        )
    })
}

/** The folder's name, which agents and policies get. @throws CommandError when it cannot be one */
function nameFrom(target: string): string {
  const name = basename(target)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  // Room for what stands behind it in the names of tools.
  if (!Name.max(40).safeParse(name).success)
    throw new CommandError(
      `"${basename(target)}" cannot name an agent. Name a folder of lower-case words joined by hyphens, of 40 characters at most.`,
    )
  return name
}

/** Copies a template with its placeholders filled in. @returns the files, by their names in the project */
function makeProject(from: string, target: string, values: { name: string; version: string }): string[] {
  mkdirSync(target, { recursive: true })
  cpSync(from, target, { recursive: true })
  const files = readdirSync(target).toSorted()
  for (const file of files) {
    const path = join(target, file)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replaceAll('{{name}}', values.name).replaceAll('{{version}}', values.version))
  }
  return files
}
