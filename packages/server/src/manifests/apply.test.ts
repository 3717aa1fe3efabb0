import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../database/testing/index.ts'
import { agent, openManifests, provider, route } from './testing/open-manifests.ts'

const set = (instructions: string) => [provider('p'), route('r', 'p'), agent('a', instructions, 'r')]

describe.each(databaseKinds)('on %s', kind => {
  test('a plan says what changes where; the same content applied twice is unchanged [F5.plan-apply-diff, I2.plan, F5.change-audit]', async () => {
    await using world = await openManifests(kind)
    const manifests = world.replica()
    const caller = await world.callerIn('dev')
    const planned = await manifests.plan(caller, { manifests: set('Help.') })
    expect(planned.changes.map(({ action, kind: of, name }) => `${action} ${of}/${name}`)).toEqual([
      'create Agent/a',
      'create Provider/p',
      'create Route/r',
    ])
    expect(await manifests.allActive(caller, 'Agent')).toEqual([])
    expect(await manifests.apply(caller, { manifests: set('Help.'), planId: planned.planId })).toEqual(planned)

    const again = await manifests.apply(caller, { manifests: set('Help.').toReversed() })
    expect(again.changes.map(({ action }) => action)).toEqual(['unchanged', 'unchanged', 'unchanged'])
    expect(await world.trail()).toHaveLength(3)

    const { changes } = await manifests.plan(caller, { manifests: [agent('a', 'Help well.', 'r')] })
    expect(changes).toMatchObject([
      {
        action: 'update',
        fromVersion: planned.changes[0]?.toVersion,
        differences: [{ pointer: '/spec/instructions', before: 'Help.', after: 'Help well.' }],
      },
    ])
  })

  test('a plan that was overtaken is not applied [F5.plan-apply-diff]', async () => {
    await using world = await openManifests(kind)
    const manifests = world.replica()
    const caller = await world.callerIn('dev')
    await manifests.apply(caller, { manifests: set('One.') })
    const { planId } = await manifests.plan(caller, { manifests: [agent('a', 'Two.', 'r')] })
    await manifests.apply(caller, { manifests: [agent('a', 'Three.', 'r')] })
    await expect(manifests.apply(caller, { manifests: [agent('a', 'Two.', 'r')], planId })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await manifests.active(caller, 'Agent', 'a')).toMatchObject({
      manifest: { spec: { instructions: 'Three.' } },
    })
  })

  test('applies of replicas at the same time follow one another, each whole [F5.plan-apply-diff]', async () => {
    await using world = await openManifests(kind)
    const caller = await world.callerIn('dev')
    const writers = ['one', 'two', 'three', 'four', 'five', 'six']
    await world.replica().apply(caller, { manifests: set('Begin.') })
    const applied = await Promise.all(
      writers.map(writer =>
        world.replica().apply(caller, { manifests: [agent('a', writer, 'r'), agent('b', writer, 'r')] }),
      ),
    )
    const replica = world.replica()
    const last = await replica.allActive(caller, 'Agent')
    expect(new Set(last.map(({ manifest }) => manifest.spec.instructions)).size).toBe(1)
    // Each began where another one had ended: no change was lost and none was planned on the same ground twice.
    const from = applied.map(({ changes }) => changes[0]?.fromVersion)
    expect(new Set(from).size).toBe(writers.length)
    expect(await world.trail()).toHaveLength(3 + 2 * writers.length)
  })

  test('what fails changes nothing, and says every place [F5.plan-apply-diff, F5.references-checked]', async () => {
    await using world = await openManifests(kind, [
      ({ name }) => (name === 'refused' ? [{ pointer: '/name', message: 'not this one' }] : []),
    ])
    const manifests = world.replica()
    const caller = await world.callerIn('dev')
    await manifests.apply(caller, { manifests: set('Help.') })
    const problemsOf = (...wanted: unknown[]) =>
      manifests.apply(caller, { manifests: [agent('new', 'x', 'r'), ...wanted] }).then(
        () => 'applied',
        (error: unknown) => error,
      )
    expect(await problemsOf({ kind: 'Agent', name: 'b', spec: { model: 'r', instrctions: 'x' } })).toMatchObject({
      code: 'invalid-manifest',
      problems: [
        { pointer: '/manifests/1/spec/instructions', message: 'expected the key "instructions" (text), got nothing' },
        { pointer: '/manifests/1/spec/instrctions', message: expect.stringContaining('got "instrctions"') },
      ],
    })
    expect(await problemsOf(agent('b', 'x', 'nowhere'))).toMatchObject({
      problems: [{ pointer: '/manifests/1/spec/model', message: expect.stringContaining('"nowhere"') }],
    })
    expect(await problemsOf(5, provider('q'), provider('q'))).toMatchObject({
      problems: [{ pointer: '/manifests/1' }, { pointer: '/manifests/3/name' }],
    })
    expect(await problemsOf(provider('refused'), agent('b', 'nul \0', 'r'))).toMatchObject({
      problems: [
        { pointer: '/manifests/1/name', message: 'not this one' },
        { pointer: '/manifests/2/spec/instructions' },
      ],
    })
    expect(await manifests.active(caller, 'Agent', 'new')).toBeUndefined()
    expect(await world.trail()).toHaveLength(3)
  })

  test('an apply that breaks off half-way leaves nothing behind [F5.plan-apply-diff]', async () => {
    await using world = await openManifests(kind)
    const caller = await world.callerIn('dev')
    await world.replica().apply(caller, { manifests: set('Help.') })
    // The audit row fails, after the version has been stored and put in force.
    await world.database.kysely.deleteFrom('audit_heads').where('organisation_id', '=', caller.organisationId).execute()
    await expect(world.replica().apply(caller, { manifests: set('Changed.') })).rejects.toThrow(
      'of relation "audit_log"',
    )
    expect(await world.replica().active(caller, 'Agent', 'a')).toMatchObject({
      manifest: { spec: { instructions: 'Help.' } },
    })
    const stored = await world.database.kysely.selectFrom('manifests').select('version').execute()
    expect(stored).toHaveLength(3)
  })

  test('pruning deletes what is not in the set, but nothing that the set needs [F5.plan-apply-diff]', async () => {
    await using world = await openManifests(kind)
    const manifests = world.replica()
    const caller = await world.callerIn('dev')
    await manifests.apply(caller, { manifests: [...set('Help.'), provider('spare')] })
    await expect(
      manifests.apply(caller, { manifests: [provider('p'), agent('a', 'Help.', 'r')], prune: true }),
    ).rejects.toMatchObject({ problems: [{ pointer: '/manifests/1/spec/model' }] })
    const { changes } = await manifests.apply(caller, { manifests: set('Help.'), prune: true })
    expect(changes.filter(({ action }) => action === 'delete')).toMatchObject([
      {
        name: 'spare',
        toVersion: null,
        differences: [{ pointer: '', before: { spec: { type: 'openai-compatible' } } }],
      },
    ])
    expect(await manifests.active(caller, 'Provider', 'spare')).toBeUndefined()
    expect((await world.trail()).at(-1)).toBe('manifest.deleted Provider/spare')
  })
})
