import type { ToolSpec } from '@causeway/contracts'
import { handleHint, isKept } from './handles.ts'

/** What a model is told of a tool, wherever it runs. */
export function toldDescription(spec: ToolSpec): string {
  const { description, deprecation } = spec
  return [
    description,
    ...(isKept(spec) ? [handleHint] : []),
    ...(deprecation?.successor
      ? [`It goes out of use: call ${deprecation.successor} in its place where you can.`]
      : []),
  ].join(' ')
}
