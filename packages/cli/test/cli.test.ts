import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { calls, startScriptedWorld, type ScriptedWorld } from '../../server/src/testing/scripted-world.ts'

const main = join(import.meta.dirname, '../src/main.ts')

interface Result {
  code: number
  stdout: string
  stderr: string
}

/** Runs the command as a user does. */
const causeway = (world: ScriptedWorld | undefined, ...args: string[]): Promise<Result> =>
  new Promise(resolve => {
    const env = {
      PATH: process.env['PATH'],
      NO_COLOR: '1',
      ...(world && { CAUSEWAY_URL: world.causeway.url, CAUSEWAY_API_KEY: world.causeway.adminKey }),
    }
    execFile(process.execPath, [main, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })

test('run shows each step, the answer and what it cost; --json gives the events [I1.cli]', async () => {
  await using world = await startScriptedWorld({
    kind: 'embedded',
    model: { respond: (_request, index) => (index % 2 === 0 ? calls('lookup') : { text: 'Packed\u001b[31m.' }) },
  })
  const shown = await causeway(world, 'run', 'clerk', 'Where is order 1042?')
  expect(shown.code).toBe(0)
  expect(shown.stdout).toMatch(
    /model clerk.*tool lookup \{"order":"1042"\}.*packing.*succeeded.*30 tokens.*\/runs\/run_/s,
  )
  expect(shown.stdout).not.toContain('\u001b')
  const { stdout } = await causeway(world, 'run', 'clerk', 'again', '--json')
  const items = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { type: string })
  expect(items[0]?.type).toBe('run-created')
  expect(items.at(-1)?.type).toBe('run-ended')
})

test('approvals are listed and decided, once; a run that waits exits with 3 [I1.cli]', async () => {
  await using world = await startScriptedWorld({
    kind: 'embedded',
    model: { turns: [calls('pay'), { text: 'done' }] },
    tools: { pay: () => ({}) },
    governance: { pay: { approval: 'always' } },
  })
  expect((await causeway(world, 'run', 'clerk', 'pay', '--no-wait')).code).toBe(3)
  const listed = await causeway(world, 'approvals', 'list', '--json')
  const { id } = JSON.parse(listed.stdout) as { id: string }
  expect(await causeway(world, 'approvals', 'approve', id)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('approved: pay'),
  })
  const again = await causeway(world, 'approvals', 'deny', id)
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('a decision is final') })
  expect((await causeway(world, 'audit', 'verify')).stdout).toContain('unbroken')
})

test('Ctrl-C cancels the run and says so [I1.cli, A1.cancel]', async () => {
  await using world = await startScriptedWorld({ kind: 'embedded', model: { turns: [{ fault: 'hang' }] } })
  const child = spawn(process.execPath, [main, 'run', 'clerk', 'go'], {
    env: { PATH: process.env['PATH'], CAUSEWAY_URL: world.causeway.url, CAUSEWAY_API_KEY: world.causeway.adminKey },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  while (!output.includes('model clerk')) await new Promise(resolve => setTimeout(resolve, 20))
  child.kill('SIGINT')
  const code = await new Promise<number | null>(resolve => child.once('exit', resolve))
  expect(code).toBe(130)
  expect(output).toContain('Cancelling the run')
  expect((await world.causeway.admin.runs.list()).data[0]?.status).toBe('cancelled')
})

test('manifests are validated at their exact places, planned, applied, compared and exported [I2.exact-error-positions, F5.plan-apply-diff, I2.export, F5.manifest-versions]', async () => {
  await using world = await startScriptedWorld({ kind: 'embedded', model: {} })
  const folder = mkdtempSync(join(tmpdir(), 'causeway-cli-'))
  const file = join(folder, 'route.yaml')
  const write = (model: string, provider = 'scripted'): void =>
    writeFileSync(
      file,
      `kind: Route\nname: fast\nspec:\n  targets:\n    - provider: ${provider}\n      modle: x\n`.replace(
        'modle: x',
        model,
      ),
    )
  write('modle: x')
  const wrong = await causeway(undefined, 'validate', file)
  expect(wrong.code).toBe(1)
  expect(wrong.stdout).toMatch(/route\.yaml:6:7 .*did you mean "model"/)
  write('model: a', 'scriptde')
  expect((await causeway(world, 'plan', file)).stderr).toMatch(/route\.yaml:5:17 .*did you mean "scripted"/)
  write('model: a')
  expect((await causeway(world, 'plan', file)).stdout).toContain('+ Route/fast')
  expect(await causeway(world, 'apply', file)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
  expect((await causeway(world, 'apply', file, '--yes')).stdout).toContain('Applied 1 change')
  write('model: b')
  expect((await causeway(world, 'apply', file, '--yes')).stdout).toMatch(/\/spec\/targets\/0\/model\s+- a\s+\+ b/)
  expect((await causeway(world, 'diff', 'Route/fast')).stdout).toMatch(/- a\s+\+ b/)
  const exported = join(folder, 'all.yaml')
  writeFileSync(exported, (await causeway(world, 'export')).stdout)
  expect((await causeway(world, 'plan', exported)).stdout).toMatch(/^0 to change/m)
})

test('mistakes get one clear sentence and their exit code [I2.ci]', async () => {
  expect(await causeway(undefined, '--url', 'http://127.0.0.1:9', '--key', 'x', 'whoami')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Is it running?'),
  })
  expect(await causeway(undefined, 'rnu')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Did you mean run?'),
  })
  expect(await causeway(undefined, '--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Exit codes') })
  await using world = await startScriptedWorld({ kind: 'embedded', model: {} })
  expect(await causeway(world, 'run', 'nobody', 'hi')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/There is no agent nobody in dev\..*The agents there are: clerk\./),
  })
  expect(await causeway(world, 'run', 'clerk', 'hi', '--limit', 'steps=many')).toMatchObject({ code: 2 })
})
