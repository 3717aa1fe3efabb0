import type { ManifestInput } from '@causeway/contracts'
import { describe, expect, test } from 'vitest'
import { createScriptedModel, type ScriptedTurn } from '@causeway/sdk/testing'
import { databaseKinds } from '../src/database/testing/index.ts'
import { clerkManifests } from '../src/testing/scripted-world.ts'
import { startTestPlatform } from '../src/testing/start-test-platform.ts'

type Spec = Extract<ManifestInput, { kind: 'Tool' }>['spec']

const code = (name: string, source: string, spec: Partial<Spec> = {}): ManifestInput => ({
  kind: 'Tool',
  name,
  spec: {
    description: 'Reckons',
    input: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'], additionalProperties: false },
    effect: 'read',
    risk: 1,
    timeoutSeconds: 10,
    implementation: { type: 'code', language: 'typescript', source },
    ...spec,
  },
})
const call = (name: string): ScriptedTurn => ({ toolCalls: [{ name, arguments: { n: 20 } }] })

describe.each(databaseKinds)('a tool of code on %s', kind => {
  test('answers in a run, and one that misbehaves fails alone [B4.sandboxed-code, B5.resource-limits]', async () => {
    await using model = await createScriptedModel({
      turns: [call('double'), call('endless'), call('double'), { text: 'Done.' }],
    })
    await using causeway = await startTestPlatform({ kind })
    await causeway.apply(
      ...clerkManifests(model, [
        code('double', 'export default ({ n }: { n: number }) => ({ twice: n * 2 })'),
        code('endless', 'export default () => { while (true); }', { timeoutSeconds: 0.5 }),
      ]),
    )
    const run = await causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'Double 20.' })
    expect(run.status).toBe('succeeded')
    const answers = (await causeway.admin.runs.events(run.id)).flatMap(({ type, data }) =>
      type === 'tool-responded' ? [[data.tool, data.outcome, data.output ?? data.error?.code]] : [],
    )
    expect(answers).toEqual([
      ['double', 'completed', { twice: 40 }],
      ['endless', 'failed', 'tool-timeout'],
      ['double', 'completed', { twice: 40 }],
    ])
  })

  test('is refused when it is applied where it is no TypeScript or says that it has an effect [B4.sandboxed-code]', async () => {
    await using causeway = await startTestPlatform({ kind })
    await expect(causeway.apply(code('broken', 'export default (n: ) => n'))).rejects.toMatchObject({
      problems: [{ pointer: '/manifests/0/spec/implementation/source' }],
    })
    await expect(
      causeway.apply(code('writes', 'export default () => 1', { effect: 'write', timeoutSeconds: 60 })),
    ).rejects.toMatchObject({
      problems: [{ pointer: '/manifests/0/spec/effect' }, { pointer: '/manifests/0/spec/timeoutSeconds' }],
    })
  })
})
