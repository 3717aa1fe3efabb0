import type { Manifest, ManifestOf, ProblemPlace } from '@causeway/contracts'
import { schemaProblems } from '../json-schema/index.ts'
import { conditionProblem } from '../labels/index.ts'
import { javaScriptOf } from './code-tool.ts'

/** Schemas of a Tool manifest that do not compile as JSON Schema 2020-12 and conditions that are no CEL. Other kinds have no such problems. */
export function checkToolManifest(manifest: Manifest): ProblemPlace[] {
  if (manifest.kind !== 'Tool') return []
  const conditions = manifest.spec.result.parts.flatMap(({ when }, index) => {
    const problem = when === undefined ? undefined : conditionProblem(when)
    return problem ? [{ pointer: `/spec/result/parts/${index}/when`, message: `expected CEL: ${problem}` }] : []
  })
  const { input, output, contractTests = [] } = manifest.spec
  const withoutSchema =
    manifest.spec.result.handle && !output
      ? [{ pointer: '/spec/output', message: 'expected an output schema, which the model is shown with the handle' }]
      : []
  const schemas = [
    ...schemaProblems(input, '/spec/input'),
    ...schemaProblems(output, '/spec/output'),
    ...contractTests.flatMap((each, index) => schemaProblems(each.output, `/spec/contractTests/${index}/output`)),
  ]
  return [...schemas, ...withoutSchema, ...conditions, ...codeProblems(manifest)]
}

/** Code in TypeScript that cannot be read, or that is more than JavaScript with types. */
function codeProblems({ spec: { implementation } }: ManifestOf<'Tool'>): ProblemPlace[] {
  if (implementation.type !== 'code') return []
  try {
    javaScriptOf(implementation)
    return []
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [{ pointer: '/spec/implementation/source', message: `expected TypeScript: ${message}` }]
  }
}
