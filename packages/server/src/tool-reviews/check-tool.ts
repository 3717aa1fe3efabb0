import { createHash } from 'node:crypto'
import { CausewayError, type ContractTest, type ManifestOf, type ToolCheck } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import type { Egress } from '../egress/index.ts'
import { detectors } from '../guardrails/index.ts'
import { mismatch } from '../json-schema/index.ts'
import { leavesOf } from '../labels/index.ts'
import { canonicalArguments, scanDefinition, type ExecuteTool } from '../tools/index.ts'

type Tool = ManifestOf<'Tool'>

export interface CheckDependencies {
  egress: Pick<Egress, 'resolve'>
  executeTool: ExecuteTool
}

/** Milliseconds that all tests of a tool may take. */
const testsAtMostMs = 60_000

/**
 * The automatic checks of a tool that was submitted. `others` are the names of the tools that are in force beside it.
 * Nothing that they find is believed to be all: people decide.
 */
export async function checkTool(
  dependencies: CheckDependencies,
  scope: Scope,
  { manifest, version, others }: { manifest: Tool; version: string; others: readonly string[] },
): Promise<ToolCheck[]> {
  return [
    checkSchema(manifest),
    checkPoisoning(manifest, others),
    checkSecrets(manifest),
    await checkEgress(dependencies, manifest),
    checkEffect(manifest),
    await runTests(dependencies, scope, manifest, version),
  ]
}

const outcome = (
  check: ToolCheck['check'],
  outcomeOf: ToolCheck['outcome'],
  messages: readonly string[],
  passed: string,
): ToolCheck =>
  messages.length === 0
    ? { check, outcome: 'passed', message: passed }
    : { check, outcome: outcomeOf, message: messages.join(' ') }

/** What compiles is checked before; this is what a model and a reviewer need. */
function checkSchema({ spec: { description, input, output } }: Tool): ToolCheck {
  const problems: string[] = []
  if (description.length < 20) problems.push('The description says little.')
  const { properties } = input
  const vague = Object.entries(typeof properties === 'object' && properties ? properties : {}).flatMap(
    ([name, schema]: [string, unknown]) =>
      typeof schema === 'object' && schema && 'description' in schema ? [] : [name],
  )
  if (vague.length > 0) problems.push(`Without a description: ${vague.join(', ')}.`)
  if (input['additionalProperties'] !== false) problems.push('Arguments that the schema does not name are let through.')
  if (!output) problems.push('There is no schema of the output.')
  return outcome('schema', 'warned', problems, 'The schemas are complete.')
}

function checkPoisoning({ name, spec: { description, input, output } }: Tool, others: readonly string[]): ToolCheck {
  const findings = scanDefinition(
    // Schemas of tools have objects at their root.
    {
      name,
      description,
      inputSchema: { ...input, type: 'object' },
      ...(output && { outputSchema: { ...output, type: 'object' } }),
    },
    others,
  )
  const severe = findings.some(({ severity }) => severity === 'block') ? 'failed' : 'warned'
  const messages = findings.map(({ message }) => message)
  return outcome('poisoning', severe, messages, 'Nothing speaks to the model or hides from people.')
}

function checkSecrets({ spec }: Tool): ToolCheck {
  const found = leavesOf(spec).some(text => detectors.credential(text).length > 0)
  return outcome(
    'secrets',
    'failed',
    found ? ['There is a text that looks like a credential; put it into a secret.'] : [],
    'No text looks like a credential.',
  )
}

async function checkEgress({ egress }: CheckDependencies, { spec }: Tool): Promise<ToolCheck> {
  const { implementation } = spec
  if (implementation.type !== 'http' && implementation.type !== 'a2a')
    return { check: 'egress', outcome: 'passed', message: 'The tool has no address of its own.' }
  // Placeholders stand in the path and the query only: the host is fixed.
  const url = new URL(implementation.url.replaceAll(/\{[^{}]*\}/g, 'x'))
  try {
    await egress.resolve(url)
    return outcome(
      'egress',
      'warned',
      url.protocol === 'http:' ? [`${url.host} is called without encryption.`] : [],
      `${url.host} may be reached.`,
    )
  } catch (error) {
    const isDenied = error instanceof CausewayError && error.code === 'egress-denied'
    const message = error instanceof Error ? error.message : String(error)
    return { check: 'egress', outcome: isDenied ? 'failed' : 'warned', message }
  }
}

const writing =
  /\b(create|add|insert|update|set|put|write|send|post|publish|upload|invite|share|move|rename|book|order|approve)\b/i
const final = /\b(delete|remove|drop|purge|pay|transfer|refund|charge|purchase|cancel|close|terminate|revoke|wipe)\b/i

/** What the method and the words suggest, where the manifest says something milder. */
function checkEffect({ name, spec: { effect, risk, implementation, description } }: Tool): ToolCheck {
  // What a tool does stands in its name and at the start of what is said of it.
  const words = `${name.replaceAll('-', ' ')} ${description.split(/[.\n]/)[0] ?? ''}`
  const method = implementation.type === 'http' ? implementation.method : undefined
  const problems: string[] = []
  if (effect !== 'irreversible' && (final.test(words) || method === 'DELETE'))
    problems.push(`It seems to be irreversible with risk 4, and says ${effect}.`)
  else if (effect === 'read' && (writing.test(words) || (method !== undefined && method !== 'GET')))
    problems.push('It seems to write, and says read.')
  if (effect === 'irreversible' && risk < 3) problems.push(`An irreversible effect with risk ${risk} is rare.`)
  return outcome('effect', 'warned', problems, `Nothing speaks against the effect ${effect}.`)
}

async function runTests(
  { executeTool }: CheckDependencies,
  scope: Scope,
  { name, spec }: Tool,
  version: string,
): Promise<ToolCheck> {
  const tests = spec.contractTests ?? []
  const notRun = (message: string): ToolCheck => ({ check: 'contract-tests', outcome: 'not-run', message })
  if (tests.length === 0) return notRun('There are none.')
  if (spec.implementation.type === 'agent') return notRun('An agent is tried by running it.')
  if (spec.effect !== 'read') return notRun('They would have an effect; run the tool in dev.')
  const signal = AbortSignal.timeout(testsAtMostMs)
  const problems: string[] = []
  for (const test of tests) {
    const effectKey = createHash('sha256').update(`${version}\n${test.name}`).digest('hex')
    const wrong = mismatch(spec.input, test.arguments)
    const result = wrong
      ? { outcome: 'failed' as const, error: { code: 'invalid-tool-arguments', message: wrong } }
      : await executeTool(
          {
            scope,
            runId: null,
            callId: `contract-test-${effectKey.slice(0, 16)}`,
            tool: name,
            spec,
            arguments: canonicalArguments(spec.input, test.arguments),
            onBehalfOf: null,
            effectKey,
          },
          signal,
        )
    const problem = problemOf(test, result)
    if (problem) problems.push(`${test.name}: ${problem}`)
  }
  return outcome('contract-tests', 'failed', problems, `${tests.length} hold.`)
}

type Outcome =
  | { outcome: 'completed'; output: unknown }
  | { outcome: 'accepted' }
  | { outcome: string; error: { code: string; message: string } }

function problemOf({ output, error }: ContractTest, result: Outcome): string | undefined {
  if ('error' in result)
    return result.error.code === error ? undefined : `failed with ${result.error.code}: ${result.error.message}`
  if (!('output' in result)) return 'the tool has taken the call to answer later, which a contract test cannot wait for'
  if (!output) return `expected ${error ?? 'a failure'}, and it was answered`
  return mismatch(output, result.output)
}
