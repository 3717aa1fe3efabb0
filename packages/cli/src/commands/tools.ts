import { readFileSync, writeFileSync } from 'node:fs'
import { Manifest, type OfferedTool } from '@causeway/contracts'
import { exportManifests } from '@causeway/sdk/manifests'
import { parse } from 'yaml'
import { CommandError } from '../command-error.ts'
import type { DefineCommand } from '../context.ts'
import { print, printJson, table } from '../output.ts'
import { visible } from '../visible.ts'

/** `causeway tools` */
export const defineTools: DefineCommand = (tools, { json, connect }) => {
  tools
    .command('import <server>')
    .description('look at the tools of a ToolServer, and write those that are new or changed as manifests to review')
    .option('--out <file>', 'where the manifests are written; without it they are only listed')
    .action(async (server: string, { out }: { out?: string }) =>
      show(await (await connect()).client.toolServers.tools(server), { out, json: json() }),
    )
  tools
    .command('import-openapi <file>')
    .description('make manifests to review of the operations of an OpenAPI document (3.0 or 3.1, JSON or YAML)')
    .requiredOption('--prefix <name>', 'what the names of the tools begin with')
    .option('--base-url <url>', 'in place of the first server of the document')
    .option('--out <file>', 'where the manifests are written; without it they are only listed')
    .action(async (file: string, { prefix, baseUrl, out }: { prefix: string; baseUrl?: string; out?: string }) => {
      const request = { document: documentIn(file), prefix, ...(baseUrl !== undefined && { baseUrl }) }
      show(await (await connect()).client.openApi.tools(request), { out, json: json() })
    })
}

/** @throws CommandError for a file that is neither JSON nor YAML */
function documentIn(file: string): Record<string, unknown> {
  const text = readFileSync(file, 'utf8')
  let document: unknown
  try {
    // YAML has JSON in it.
    document = parse(text)
  } catch (error) {
    throw new CommandError(
      `${file} is neither JSON nor YAML: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new CommandError(`${file} holds no OpenAPI document.`)
  return { ...document }
}

function show(offered: readonly OfferedTool[], { out, json }: { out: string | undefined; json: boolean }): void {
  const drafts = offered
    .filter(({ state }) => state === 'new' || state === 'changed')
    .map(({ manifest }) => Manifest.parse(manifest))
  if (out !== undefined && drafts.length > 0) writeFileSync(out, exportManifests(drafts))
  if (json) return printJson({ data: offered, ...(out !== undefined && { written: drafts.length }) })
  if (offered.length === 0) return print('There are no tools.')
  table(['tool', 'state', 'manifest', 'to look at'], offered.map(rowOf))
  if (drafts.length === 0) return print('Nothing is new.')
  print(
    out === undefined
      ? `${drafts.length} to review: write them with --out FILE, look at effect, risk and result, then causeway apply FILE.`
      : `Wrote ${drafts.length} manifests to ${out}. Look at effect, risk and result, then: causeway apply ${out}`,
  )
}

const rowOf = ({ tool, state, manifest, findings }: OfferedTool): string[] => [
  visible(tool),
  state,
  typeof manifest?.['name'] === 'string' ? manifest['name'] : '',
  findings.map(({ rule, message }) => `${rule}: ${message}`).join(' '),
]
