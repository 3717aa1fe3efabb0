import { ToolSpec, type ArgumentOrigin, type Manifest, type PolicyTest, type ProblemPlace } from '@causeway/contracts'
import { decide, type DecisionRequest } from './decide.ts'
import { checkPolicyManifest, preparse } from './policy-set.ts'

/** One name for all tests: Cedar keeps what is parsed under it until the next test. */
const setName = 'tests-of-a-policy'

/** The problems of a Policy manifest, the tests of which it does not pass among them. Other kinds have none. */
export function checkPolicy(manifest: Manifest): ProblemPlace[] {
  const problems = checkPolicyManifest(manifest)
  if (manifest.kind !== 'Policy' || problems.length > 0) return problems
  const { cedar, conditions, tests = [] } = manifest.spec
  if (tests.length === 0) return []
  const policies = preparse(setName, [{ name: manifest.name, cedar, conditions }])
  return tests.flatMap((test, index) => {
    const { answer, reasons } = decide(policies, requestOf(test))
    if (answer === test.expect) return []
    const why = reasons.map(({ id }) => id).join(', ')
    const message = `the test "${test.name}" expected "${test.expect}", the decision is "${answer}" (${why})`
    return [{ pointer: `/spec/tests/${index}/expect`, message }]
  })
}

const originsOf: Readonly<Record<PolicyTest['context']['argumentsFrom'], readonly ArgumentOrigin[]>> = {
  none: [],
  'user-stated': ['user-stated'],
  trusted: ['trusted'],
  other: ['model-made'],
}

function requestOf({ agent, tool, arguments: values = {}, context }: PolicyTest): DecisionRequest {
  const { environment, role, requestedBy, team, profile, integrity, flags, dataClasses, argumentsFrom } = context
  const { name, effect, risk, egress } = tool
  return {
    action: 'call-tool',
    agent: { name: agent, tools: [name] },
    tool: {
      name,
      spec: ToolSpec.parse({
        description: 'x',
        input: { type: 'object' },
        effect,
        risk,
        ...(egress && { egress: {} }),
        implementation: { type: 'worker' },
      }),
    },
    arguments: values,
    outcomeUnknown: false,
    flow: {
      profile,
      environment,
      reach: { privateData: false, untrustedInput: false, egress },
      scope: undefined,
      callsMade: 0,
      context: { integrity, readers: '*', origins: [], ...(flags && { flags }), ...(dataClasses && { dataClasses }) },
      now: new Date(),
      critical: originsOf[argumentsFrom].map(origin => ({ pointer: '/argument', origin, from: [] })),
      destinations: [],
      links: [],
      payloadStated: false,
    },
    circumstances: { environment, role, requestedBy, team: team ?? null },
  }
}
