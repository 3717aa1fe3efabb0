import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import {
  startScriptedWorld,
  type ScriptedWorld,
  type ScriptedWorldOptions,
} from '../../packages/server/src/testing/scripted-world.ts'

/** The console as it was built. */
export const consoleFolder = join(import.meta.dirname, '../../packages/console/dist')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A platform on the embedded database that serves the console as it was built. */
export const startConsoleWorld = (
  options: Omit<ScriptedWorldOptions, 'kind' | 'consoleFolder'>,
): Promise<ScriptedWorld> => startScriptedWorld({ ...options, kind: 'embedded', consoleFolder })

/** What axe has to say against WCAG 2.2 A and AA. The page must have been opened with `bypassCSP`: its policy forbids the script that judges it. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate<string[]>(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(result => result.violations.map(each => each.id + ' at ' + each.nodes[0].target))",
  )
}

export async function signIn(page: Page, { causeway }: ScriptedWorld): Promise<void> {
  await page.goto(`${causeway.url}/runs`)
  await page.getByLabel('API key').fill(causeway.adminKey)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Runs' }).waitFor()
}
