import type { SessionEvent } from '@causeway/contracts'
import type { StreamItem } from '@causeway/sdk'
import { useEffect, useState } from 'react'
import { followRun } from './follow-run.ts'
import { useClient } from './use-client.ts'

export interface RunEvents {
  events: SessionEvent[]
  /** Text of the model call that is under way. */
  liveText: string
  /** Step of the model call that is under way. */
  liveStep: number | undefined
  error: Error | undefined
}

const nothing: RunEvents = { events: [], liveText: '', liveStep: undefined, error: undefined }

/** Follows the log of a run until it ends. A component that uses it has the run as its key. */
export function useRunEvents(runId: string): RunEvents {
  const { client } = useClient()
  const [state, setState] = useState(nothing)
  useEffect(() => {
    const abort = new AbortController()
    followRun(client, runId, abort.signal, items => setState(before => items.reduce(withItem, before))).catch(
      (error: unknown) => {
        if (!abort.signal.aborted)
          setState(before => ({ ...before, error: error instanceof Error ? error : new Error(String(error)) }))
      },
    )
    return () => abort.abort()
  }, [client, runId])
  return state
}

function withItem(state: RunEvents, item: StreamItem): RunEvents {
  if (item.type === 'model-started') return { ...state, liveText: '', liveStep: item.step }
  if (item.type === 'tool-progress') return state
  if (item.type === 'text-delta') return { ...state, liveText: state.liveText + item.text, liveStep: item.step }
  const over = item.type === 'model-responded' || item.type === 'model-failed' || item.type === 'run-ended'
  return { ...state, events: [...state.events, item], ...(over && { liveText: '', liveStep: undefined }) }
}
