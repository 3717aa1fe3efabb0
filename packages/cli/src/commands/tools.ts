import { writeFileSync } from 'node:fs'
import { Manifest, type OfferedTool } from '@causeway/contracts'
import { exportManifests } from '@causeway/sdk/manifests'
import type { DefineCommand } from '../context.ts'
import { print, printJson, table } from '../output.ts'
import { visible } from '../visible.ts'

/** `causeway tools` */
export const defineTools: DefineCommand = (tools, { json, connect }) => {
  tools
    .command('import <server>')
    .description('look at the tools of a ToolServer, and write those that are new or changed as manifests to review')
    .option('--out <file>', 'where the manifests are written; without it they are only listed')
    .action(async (server: string, { out }: { out?: string }) => {
      const offered = await (await connect()).client.toolServers.tools(server)
      const drafts = offered
        .filter(({ state }) => state === 'new' || state === 'changed')
        .map(({ manifest }) => Manifest.parse(manifest))
      if (out !== undefined && drafts.length > 0) writeFileSync(out, exportManifests(drafts))
      if (json()) return printJson({ data: offered, ...(out !== undefined && { written: drafts.length }) })
      if (offered.length === 0) return print(`The server ${visible(server)} offers no tools.`)
      table(['tool', 'state', 'manifest', 'to look at'], offered.map(rowOf))
      if (drafts.length === 0) return print('Nothing is new.')
      print(
        out === undefined
          ? `${drafts.length} to review: write them with --out FILE, look at effect, risk and result, then causeway apply FILE.`
          : `Wrote ${drafts.length} manifests to ${out}. Look at effect, risk and result, then: causeway apply ${out}`,
      )
    })
}

const rowOf = ({ tool, state, manifest, findings }: OfferedTool): string[] => [
  visible(tool),
  state,
  typeof manifest?.['name'] === 'string' ? manifest['name'] : '',
  findings.map(({ rule, message }) => `${rule}: ${message}`).join(' '),
]
