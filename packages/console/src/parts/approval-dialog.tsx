import type { Approval } from '@causeway/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Check, X } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { useClient } from '../api/use-client.ts'
import { useMe } from '../api/use-me.ts'
import { Reasons } from '../timeline/entry.tsx'
import { CopyButton } from './copy-button.tsx'
import { Countdown } from './countdown.tsx'
import { ProblemNote } from './problem.tsx'
import { Untrusted, UntrustedJson } from './untrusted-text.tsx'

interface ApprovalDialogProps {
  approval: Approval
  onClose: () => void
}

/** Shows exactly what would be done, and takes the answer. */
export function ApprovalDialog({ approval, onClose }: ApprovalDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const title = useId()
  useEffect(() => {
    dialog.current?.showModal()
    // The question is read first; a key that was pressed too early answers nothing.
    heading.current?.focus()
  }, [])

  return (
    <dialog
      ref={dialog}
      aria-labelledby={title}
      onClose={onClose}
      className="panel text-ink m-auto max-h-[calc(100dvh-2rem)] w-[calc(100%-2rem)] max-w-2xl p-0 shadow-xl"
    >
      <div className="p-5">
        <h2 ref={heading} id={title} tabIndex={-1} className="text-lg font-semibold break-words outline-none">
          <Untrusted text={approval.agent} /> asks to call <Untrusted text={approval.tool} />
        </h2>
        <p className="text-muted mt-1">Your answer is final and holds for exactly these arguments.</p>
        <h3 className="mt-5 mb-1.5 font-medium">Arguments, exactly as they will be sent</h3>
        <UntrustedJson value={approval.arguments} label="Arguments" />
        <Origins decision={approval.decision} />
        <dl className="mt-5 grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-1.5 [&>dd]:break-words [&>dt]:text-muted">
          <dt>Why</dt>
          <dd>
            <Reasons decision={approval.decision} />
          </dd>
          <dt>Requested by</dt>
          <dd>
            <Untrusted text={approval.requestedBy} />
          </dd>
          <dt>Expires</dt>
          <dd>
            <Countdown until={approval.expiresAt} />
          </dd>
          {approval.needed > 1 && (
            <>
              <dt>Approved by</dt>
              <dd>
                {approval.approvedBy.length} of {approval.needed} people{' '}
                <Untrusted text={approval.approvedBy.join(', ')} />
              </dd>
            </>
          )}
          <dt>Tool version</dt>
          <dd className="flex items-center gap-1 font-mono text-xs">
            {approval.toolVersion.slice(0, 16)} <CopyButton text={approval.toolVersion} what="tool version" />
          </dd>
        </dl>
        <Answer approval={approval} onDone={() => dialog.current?.close()} />
      </div>
    </dialog>
  )
}

const origins = {
  'user-stated': 'the user said it',
  trusted: 'from a trusted result of',
  untrusted: 'from an untrusted result of',
  'model-made': 'the model made it',
} as const

/** Where the arguments that matter come from, the doubtful ones to be seen at once. */
function Origins({ decision: { context, arguments: traced = [] } }: { decision: Approval['decision'] }) {
  if (traced.length === 0) return null
  return (
    <>
      <h3 className="mt-5 mb-1.5 font-medium">Where they come from</h3>
      <ul>
        {traced.map(({ pointer, origin, from }) => (
          <li key={pointer} className={origin === 'untrusted' || origin === 'model-made' ? 'text-bad' : undefined}>
            <span className="font-mono text-xs">
              <Untrusted text={pointer} />
            </span>{' '}
            {origins[origin]} <Untrusted text={from.join(', ')} />
          </li>
        ))}
      </ul>
      {context?.integrity === 'untrusted' && (
        <p className="text-muted mt-1.5">
          The model has read what outsiders may have written: <Untrusted text={context.origins.join(', ')} />.
        </p>
      )}
    </>
  )
}

function Answer({ approval, onDone }: { approval: Approval; onDone: () => void }) {
  const [comment, setComment] = useState('')
  const queries = useQueryClient()
  const { client } = useClient()
  const { may } = useMe()
  const decide = useMutation({
    mutationFn: (outcome: 'approve' | 'deny') =>
      client.approvals.decide(approval.id, { outcome, ...(comment && { comment }) }),
    // A refusal too says something new: perhaps somebody else was faster.
    onSettled: () => queries.invalidateQueries(),
    onSuccess: onDone,
  })
  const later = (
    <button type="button" className="action" onClick={onDone}>
      Later
    </button>
  )
  if (!may('approvals:decide'))
    return (
      <div className="mt-5 flex flex-wrap items-center justify-between gap-3">
        <p className="text-muted">Your key does not have the right approvals:decide.</p>
        {later}
      </div>
    )
  return (
    <>
      <label className="mt-5 block">
        <span className="font-medium">Comment</span> <span className="text-muted">(optional, the agent sees it)</span>
        <textarea
          className="field mt-1.5 h-16 w-full py-1.5"
          value={comment}
          maxLength={4000}
          onChange={event => setComment(event.target.value)}
        />
      </label>
      <div className="mt-4 empty:hidden">{decide.error && <ProblemNote error={decide.error} />}</div>
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <span className="mr-auto">{later}</span>
        <button
          type="button"
          className="action text-bad"
          disabled={decide.isPending}
          onClick={() => decide.mutate('deny')}
        >
          <X aria-hidden className="size-4" /> Deny
        </button>
        <button
          type="button"
          className="action-main"
          disabled={decide.isPending}
          onClick={() => decide.mutate('approve')}
        >
          <Check aria-hidden className="size-4" /> Approve
        </button>
      </div>
    </>
  )
}
