import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { agent, provider, route } from '@causeway/sdk'
import { createScriptedModel, createToolWorld } from '@causeway/sdk/testing'
import { worldTool } from '../src/testing/scripted-world.ts'
import { startTestPlatform } from '../src/testing/start-test-platform.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')
const folder = join(root, 'sdks/python')
const venv = join(root, 'node_modules/.cache/causeway/python')
const python = join(venv, 'bin/python')
const wanted = ['httpx==0.28.1', 'pytest==8.4.2', 'mypy==1.18.2']

/** An environment with what the tests need, or why there is none: only Node is promised to be here. */
async function setUp(): Promise<string | undefined> {
  try {
    const { stdout } = await run('python3', ['-c', 'import sys; print(sys.version_info >= (3, 10))'])
    if (stdout.trim() !== 'True') return 'Python is older than 3.10'
  } catch {
    return 'there is no python3'
  }
  try {
    if (!existsSync(python)) await run('python3', ['-m', 'venv', venv])
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...wanted], {
      timeout: 120_000,
    })
    return undefined
  } catch (error) {
    return `its packages cannot be installed: ${String(error).slice(0, 300)}`
  }
}

test('the Python SDK runs, follows, approves and serves tools against a platform, and its types hold [I1.python]', async ({
  skip,
}) => {
  const missing = await setUp()
  if (missing !== undefined) skip(`the Python SDK is not tested: ${missing}`)
  await using model = await createScriptedModel({
    respond({ messages }) {
      const tools = messages.filter(({ role }) => role === 'tool').length
      const call = (name: string) => ({ toolCalls: [{ name, arguments: { order: '1042' } }] })
      if (!JSON.stringify(messages[0]).includes('weigh')) return { text: 'It is packing.' }
      return tools === 0 ? call('weigh') : tools === 1 ? call('fail') : { text: 'Done.' }
    },
  })
  await using world = await createToolWorld({ tools: {} })
  await using causeway = await startTestPlatform({ kind: 'embedded' })
  const served = (name: string, governance: object) => {
    const tool = worldTool(world, name, governance)
    return { ...tool, spec: { ...tool.spec, implementation: { type: 'worker' } } } as typeof tool
  }
  await causeway.apply(
    provider({ name: 'scripted', type: 'openai-compatible', baseUrl: model.baseUrl }),
    route({ name: 'any', targets: [{ provider: 'scripted', model: 'gpt-4o-mini' }] }),
    served('weigh', { approval: 'always', timeoutSeconds: 10 }),
    served('fail', { timeoutSeconds: 10 }),
    agent({ name: 'clerk', instructions: 'Help.', model: 'any' }),
  )
  const weigher = agent({ name: 'weigher', instructions: 'You weigh.', model: 'any', tools: ['weigh', 'fail'] })
  await causeway.apply(weigher)
  const env = {
    ...process.env,
    CAUSEWAY_URL: causeway.url,
    CAUSEWAY_API_KEY: causeway.adminKey,
    PYTHONDONTWRITEBYTECODE: '1',
  }
  const options = { cwd: folder, env, timeout: 120_000 }
  const tested = await run(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'], options).catch(
    (error: unknown) => error,
  )
  expect(JSON.stringify(tested)).toContain('7 passed')
  const checked = await run(
    python,
    ['-m', 'mypy', '--strict', '--cache-dir', join(venv, 'mypy'), 'src'],
    options,
  ).catch((error: unknown) => error)
  expect(JSON.stringify(checked)).toContain('no issues found')
}, 300_000)
