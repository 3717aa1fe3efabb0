import type { ApprovalStatus, ModelCallOutcome, RunStatus, ToolReviewState } from '@causeway/contracts'
import { Ban, CircleCheck, CircleDashed, CircleX, Clock, Gauge, Loader, type LucideIcon } from 'lucide-react'

type Status = RunStatus | ApprovalStatus | ModelCallOutcome | ToolReviewState

const looks: Record<Status, { icon: LucideIcon; tone: string; turns?: true }> = {
  queued: { icon: CircleDashed, tone: 'text-muted' },
  running: { icon: Loader, tone: 'text-info', turns: true },
  waiting: { icon: Clock, tone: 'text-warn' },
  pending: { icon: Clock, tone: 'text-warn' },
  succeeded: { icon: CircleCheck, tone: 'text-good' },
  completed: { icon: CircleCheck, tone: 'text-good' },
  approved: { icon: CircleCheck, tone: 'text-good' },
  failed: { icon: CircleX, tone: 'text-bad' },
  denied: { icon: CircleX, tone: 'text-bad' },
  limited: { icon: Gauge, tone: 'text-bad' },
  cancelled: { icon: Ban, tone: 'text-muted' },
  abandoned: { icon: Ban, tone: 'text-muted' },
  expired: { icon: Ban, tone: 'text-muted' },
  withdrawn: { icon: Ban, tone: 'text-muted' },
  submitted: { icon: CircleDashed, tone: 'text-muted' },
  'in-review': { icon: Clock, tone: 'text-warn' },
  rejected: { icon: CircleX, tone: 'text-bad' },
  quarantined: { icon: Ban, tone: 'text-bad' },
  deprecated: { icon: Ban, tone: 'text-muted' },
  retired: { icon: Ban, tone: 'text-muted' },
}

/** A status as icon and word: colour is never the only sign. */
export function StatusBadge({ status }: { status: Status }) {
  const { icon: Icon, tone, turns } = looks[status]
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${tone}`}>
      <Icon aria-hidden className={`size-4 ${turns ? 'animate-spin' : ''}`} />
      {status}
    </span>
  )
}

/** Says that it is a copy of a call, whose answer nobody got. */
export function ShadowMark() {
  return <span className="border-line text-muted rounded border px-1.5 py-0.5 text-xs font-medium">shadow</span>
}

/** Says that a script answered and no model. */
export function RehearsalMark() {
  return <span className="border-warn text-warn rounded border px-1.5 py-0.5 text-xs font-medium">rehearsal</span>
}
