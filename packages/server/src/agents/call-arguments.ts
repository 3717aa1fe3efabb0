import { CausewayError, type ToolSpec } from '@causeway/contracts'
import canonicalize from 'canonicalize'
import { mismatch } from '../json-schema/index.ts'
import { canonicalArguments, inputSchemaOf } from '../tools/index.ts'
import { sha256 } from './tool-result.ts'

type Arguments = Record<string, unknown>

/** The arguments in the form that is decided on, recorded and sent, or what is wrong with them. */
export function readArguments(
  spec: Pick<ToolSpec, 'input' | 'implementation'>,
  values: Arguments,
): Arguments | CausewayError {
  try {
    const input = inputSchemaOf(spec)
    const canonical = canonicalArguments(input, values)
    const problem = mismatch(input, canonical)
    return problem ? new CausewayError('invalid-tool-arguments', problem) : canonical
  } catch (error) {
    if (error instanceof CausewayError) return error
    throw error
  }
}

/** The hash that binds an approval to exactly this call of this tool version in this run. */
export const bindingOf = (runId: string, toolVersion: string, values: Arguments): string =>
  sha256(`${runId}\n${toolVersion}\n${canonicalize(values) ?? ''}`)
