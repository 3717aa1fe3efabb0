import type { NewEvent } from '@causeway/contracts'

/** The classes of data that a model reads with these events: of results that it is shown, and of what a run begins with. */
export const dataClassesOf = (events: readonly Pick<NewEvent, 'type' | 'data'>[]): string[] => [
  ...new Set((events as readonly NewEvent[]).flatMap(classesOf)),
]

function classesOf({ type, data }: NewEvent): readonly string[] {
  if (type === 'tool-responded') return data.handle ? [] : (data.label?.dataClasses ?? [])
  return type === 'run-created' ? (data.inherited?.context.dataClasses ?? []) : []
}
