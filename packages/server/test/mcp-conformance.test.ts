import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startConformanceProfile } from '../src/testing/conformance-profile.ts'

const suite = join(
  dirname(fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/package.json'))),
  'dist/index.js',
)

test.each([
  ['2025-11-25', 81],
  ['2026-07-28', 158],
] as const)(
  'the conformance suite of MCP for %s finds what the list of failures has, and nothing else [B8.mcp-conformance]',
  { timeout: 180_000 },
  async (revision, passes) => {
    await using profile = await startConformanceProfile()
    const baseline = join(import.meta.dirname, 'mcp-conformance', `${revision}.yaml`)
    const parameters = ['--url', profile.url, '--requirements', revision, '--expected-failures', baseline]
    const { stdout } = await promisify(execFile)(process.execPath, [suite, 'server', ...parameters], {
      maxBuffer: 64 * 1024 * 1024,
    })
    const [, passed] = /Total: (\d+) passed/.exec(stdout) ?? []
    expect(Number(passed)).toBe(passes)
  },
)
