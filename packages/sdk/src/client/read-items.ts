import { LiveFrame, SessionEvent } from '@causeway/contracts'
import { readEvents } from './read-events.ts'

/** What a stream of a run carries: its events, and between them what is never stored. */
export type StreamItem = SessionEvent | LiveFrame

/** What an answer streams. An event of a type that this version does not know is skipped: the log only grows. @throws as `readEvents` */
export async function* readItems(response: Response): AsyncGenerator<StreamItem> {
  for await (const { event, data } of readEvents(response)) {
    const item = parseItem(event, data)
    if (item) yield item
  }
}

function parseItem(event: string | undefined, data: string): StreamItem | undefined {
  const parsed: unknown = JSON.parse(data)
  if (event === 'model-started' || event === 'text-delta' || event === 'tool-progress')
    return LiveFrame.safeParse(parsed).data
  return SessionEvent.safeParse(parsed).data
}
