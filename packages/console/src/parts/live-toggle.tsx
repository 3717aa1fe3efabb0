import { Pause, Play } from 'lucide-react'
import { useState, type ReactNode } from 'react'

const refreshMs = 3000

/** Whether a list reads itself again: the interval in milliseconds or false, and the button that holds it still. */
export function useLive(): { refetchInterval: number | false; toggle: ReactNode } {
  const [live, setLive] = useState(true)
  const Icon = live ? Pause : Play
  return {
    refetchInterval: live && refreshMs,
    toggle: (
      <button type="button" className="action" aria-pressed={live} onClick={() => setLive(!live)}>
        <span aria-hidden className={`size-2 rounded-full ${live ? 'bg-good animate-pulse' : 'bg-muted'}`} />
        Live
        <Icon aria-hidden className="text-muted size-3.5 fill-current" />
      </button>
    ),
  }
}
