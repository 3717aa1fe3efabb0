import { ToolSpec, type Label } from '@causeway/contracts'
import { describe, expect, test } from 'vitest'
import { trusted } from '../labels/index.ts'
import { askedBy, deniedBy, originOf, type CallFlow } from './call-rules.ts'

const untrusted: Label = { integrity: 'untrusted', readers: '*', origins: ['read-mail'] }
const secret: Label = { integrity: 'trusted', readers: ['@harbour.example'], origins: ['read-mail'] }

const harmless: CallFlow = {
  profile: 'balanced',
  environment: 'dev',
  reach: { privateData: false, untrustedInput: false, egress: false },
  scope: undefined,
  now: new Date('2026-11-30T00:00:00Z'),
  callsMade: 0,
  context: trusted,
  critical: [],
  destinations: [],
  links: [],
  payloadStated: false,
}
const from = (origin: 'user-stated' | 'trusted' | 'untrusted' | 'model-made', value = 'eve@evil.example') => ({
  pointer: '/to',
  origin,
  from: [],
  value,
})

const tool = (spec: Partial<ToolSpec> = {}) => ({
  name: 'send',
  spec: ToolSpec.parse({ description: 'x', input: { type: 'object' }, implementation: { type: 'worker' }, ...spec }),
})
const idsOf = (spec: Partial<ToolSpec>, flow: Partial<CallFlow>): string[] =>
  [...deniedBy(tool(spec), { ...harmless, ...flow }), ...askedBy(tool(spec), { ...harmless, ...flow })].map(
    ({ id }) => id,
  )

const mail: Partial<ToolSpec> = { effect: 'irreversible', risk: 2, egress: { destination: '/to', allowed: [] } }
const page: Partial<ToolSpec> = { effect: 'read', risk: 1, egress: { destination: '/url', allowed: ['docs.example'] } }

/** Each rule with the least that sets it off, and what is near by and does not. */
const cases: [rule: string, spec: Partial<ToolSpec>, sets: Partial<CallFlow>, not: Partial<CallFlow>][] = [
  ['outside-scope', {}, { scope: { tools: ['other'] } }, { scope: { tools: ['send'] } }],
  ['outside-scope', {}, { scope: { tools: [] } }, { scope: {} }],
  [
    'calls-used-up',
    {},
    { scope: { calls: { send: 2 } }, callsMade: 2 },
    { scope: { calls: { send: 2 } }, callsMade: 1 },
  ],
  [
    'out-of-use',
    { deprecation: { endsAt: '2026-12-01T00:00:00Z', successor: 'post' } },
    { now: new Date('2026-12-01T00:00:00Z') },
    { now: new Date('2026-11-30T23:59:59Z') },
  ],
  ['open-outside-dev', {}, { profile: 'open', environment: 'prod' }, { profile: 'open', environment: 'dev' }],
  [
    'open-with-all-three',
    {},
    { profile: 'open', reach: { privateData: true, untrustedInput: true, egress: true } },
    { profile: 'open', reach: { privateData: true, untrustedInput: true, egress: false } },
  ],
  [
    'effect-after-untrusted',
    { effect: 'write', risk: 1 },
    { profile: 'strict', context: untrusted },
    { profile: 'strict', context: trusted },
  ],
  [
    'effect-after-untrusted',
    page,
    { profile: 'strict', context: untrusted, destinations: [from('user-stated')] },
    { context: untrusted, destinations: [from('user-stated')] },
  ],
  [
    'argument-not-stated',
    mail,
    { context: untrusted, critical: [from('untrusted')], destinations: [from('untrusted')] },
    { context: trusted, critical: [from('untrusted')] },
  ],
  [
    'argument-not-stated',
    mail,
    { context: untrusted, critical: [from('user-stated'), from('model-made')] },
    { context: untrusted, critical: [from('user-stated'), from('trusted')] },
  ],
  ['argument-not-stated', { risk: 3 }, { context: untrusted, critical: [] }, { context: trusted, critical: [] }],
  [
    'argument-not-stated',
    { effect: 'read', risk: 3 },
    { context: untrusted, critical: [from('model-made')] },
    { context: untrusted, critical: [from('user-stated')] },
  ],
  [
    'link-not-stated',
    mail,
    { context: untrusted, critical: [from('user-stated')], links: [from('untrusted', 'https://evil.example')] },
    { context: untrusted, critical: [from('user-stated')], links: [from('user-stated', 'https://docs.example')] },
  ],
  [
    'destination-not-listed',
    page,
    { context: untrusted, destinations: [from('model-made', 'https://evil.example/?q=x')] },
    { context: untrusted, destinations: [from('model-made', 'https://docs.example/a')] },
  ],
  [
    'reader-not-allowed',
    mail,
    { context: secret, destinations: [from('model-made')] },
    { context: secret, destinations: [from('model-made', 'dana@harbour.example')] },
  ],
  [
    'reader-not-allowed',
    mail,
    { context: { ...secret, readers: [] }, destinations: [from('trusted', 'dana@harbour.example')] },
    { context: secret, destinations: [from('user-stated')] },
  ],
  [
    'reader-not-allowed',
    { ...page, egress: { allowed: [] } },
    { context: secret },
    { context: secret, payloadStated: true },
  ],
  [
    'reader-not-allowed',
    mail,
    { context: secret, destinations: [from('model-made', 'dana@harbour.example@evil.example')] },
    { context: trusted, destinations: [from('model-made')] },
  ],
]

describe('the built-in rules for calls', () => {
  test.each(cases)(
    '%s is set off by what it is about and by nothing less [E2.tool-gating, E2.scope, E2.profiles, E2.readers]',
    (rule, spec, sets, not) => {
      expect(idsOf(spec, sets)).toEqual([rule])
      expect(idsOf(spec, not)).not.toContain(rule)
    },
  )

  test('an open agent is asked about nothing, and denied what is denied [E2.profiles]', () => {
    const flow = { profile: 'open', context: untrusted, critical: [from('untrusted')] } as const
    expect(idsOf(mail, flow)).toEqual([])
    expect(idsOf(mail, { ...flow, scope: { tools: [] } })).toEqual(['outside-scope'])
  })

  test('policies see one word for where the arguments come from', () => {
    const origins = [
      [],
      [from('user-stated')],
      [from('user-stated'), from('trusted')],
      [from('trusted'), from('model-made')],
    ]
    expect(origins.map(critical => originOf({ ...harmless, critical }))).toEqual([
      'none',
      'user-stated',
      'trusted',
      'other',
    ])
  })
})
