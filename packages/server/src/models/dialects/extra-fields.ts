import { CausewayError } from '@causeway/contracts'
import type { ModelRequest } from '../model-request.ts'
import type { DialectName } from './dialect-name.ts'

/**
 * The fields of a request that only one dialect has, for a provider of the dialect `own`, which is null for a model
 * that is reached without any.
 * @throws CausewayError invalid-request where the provider cannot take one that the answer depends on
 */
export function extraFieldsFor(
  { extra, foreignTools = [] }: ModelRequest,
  own: DialectName | null,
): { fields: Record<string, unknown>; tools: unknown[]; dropped: string[] } {
  const tools = foreignTools.filter(({ dialect }) => dialect === own).map(({ value }) => value)
  const droppedTools = tools.length < foreignTools.length ? ['tools'] : []
  if (!extra) return { fields: {}, tools, dropped: droppedTools }
  if (extra.dialect === own) return { fields: extra.fields, tools, dropped: droppedTools }
  const lost = (extra.essential ?? []).filter(field => field in extra.fields)
  if (lost.length > 0)
    throw new CausewayError('invalid-request', 'The provider of this model cannot do what the request asks for.', {
      problems: lost.map(field => ({ pointer: `/${field}`, message: 'this provider has nothing like it' })),
    })
  return { fields: {}, tools, dropped: [...Object.keys(extra.fields), ...droppedTools] }
}
