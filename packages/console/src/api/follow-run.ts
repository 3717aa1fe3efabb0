import type { Client, StreamItem } from '@causeway/sdk'

// Often enough to look live, seldom enough for a log of thousands of events to appear at once.
const flushMs = 40

/** Follows the log of a run until it ends and hands over what came, in batches. */
export async function followRun(
  client: Client,
  runId: string,
  signal: AbortSignal,
  onItems: (items: readonly StreamItem[]) => void,
): Promise<void> {
  let waiting: StreamItem[] = []
  const flush = (): void => {
    if (waiting.length === 0 || signal.aborted) return
    onItems(waiting)
    waiting = []
  }
  const timer = setInterval(flush, flushMs)
  try {
    for await (const item of client.runs.follow(runId, { signal })) waiting.push(item)
  } finally {
    clearInterval(timer)
    flush()
  }
}
