import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { scratchRoot } from './scratch-root.ts'
import { templateName } from './template-name.ts'

export interface TestFolder extends AsyncDisposable {
  readonly path: string
}

/** Makes the template, unless an earlier test run has left it; creating a database takes seconds, copying it a fifth of one. */
async function prepareTemplate(fill: (folder: string) => Promise<void>): Promise<string> {
  const template = join(tmpdir(), templateName())
  if (existsSync(template)) return template
  const draft = await mkdtemp(join(tmpdir(), 'causeway-template-draft-'))
  await fill(draft)
  try {
    renameSync(draft, template)
  } catch (error) {
    // Two test files began at the same time; the other one was first.
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(template)) throw error
  }
  return template
}

/** A data folder of its own with an embedded database that has the tables of Causeway, removed at the end. */
export async function createEmbeddedFolder(fill: (folder: string) => Promise<void>): Promise<TestFolder> {
  const template = await prepareTemplate(fill)
  const path = await mkdtemp(join(scratchRoot(), 'causeway-test-'))
  // For a thousand small files a fifth of the time that `cp` takes.
  cpSync(template, path, { recursive: true })
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
