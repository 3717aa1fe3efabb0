import type { Approval } from '@causeway/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Check, X } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { useClient } from '../api/use-client.ts'
import { moment } from './figures.ts'
import { ProblemNote } from './problem.tsx'
import { UntrustedJson, visible } from './untrusted-text.tsx'

/** Shows exactly what would be done, and takes the answer. */
export function ApprovalDialog({ approval, onClose }: { approval: Approval; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [comment, setComment] = useState('')
  const title = useId()
  const queries = useQueryClient()
  const { client } = useClient()
  const decide = useMutation({
    mutationFn: (outcome: 'approve' | 'deny') =>
      client.approvals.decide(approval.id, { outcome, ...(comment && { comment }) }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      onClose()
    },
  })
  useEffect(() => dialog.current?.showModal(), [])

  return (
    <dialog
      ref={dialog}
      aria-labelledby={title}
      onClose={onClose}
      className="panel text-ink m-auto w-full max-w-xl p-5"
    >
      <h2 id={title} className="text-lg font-semibold">
        {visible(approval.agent)} asks to call {visible(approval.tool)}
      </h2>
      <dl className="text-muted mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt>Requested by</dt>
        <dd className="text-ink">{visible(approval.requestedBy)}</dd>
        <dt>Tool version</dt>
        <dd className="text-ink font-mono text-xs leading-5">{approval.toolVersion.slice(0, 16)}</dd>
        <dt>Expires</dt>
        <dd className="text-ink">{moment(approval.expiresAt)}</dd>
        <dt>Why it asks</dt>
        <dd className="text-ink">{approval.decision.reasons.map(({ message }) => visible(message)).join(' ')}</dd>
      </dl>
      <h3 className="mt-4 mb-1 font-medium">Arguments, exactly as they will be sent</h3>
      <UntrustedJson value={approval.arguments} label="Arguments" />
      <label className="mt-4 block">
        <span className="font-medium">Comment (the agent sees it)</span>
        <textarea
          className="field mt-1 h-16 w-full py-1.5"
          value={comment}
          maxLength={4000}
          onChange={event => setComment(event.target.value)}
        />
      </label>
      {decide.error && <ProblemNote error={decide.error} />}
      <div className="mt-4 flex justify-end gap-2">
        <button type="button" className="action" onClick={() => dialog.current?.close()}>
          Later
        </button>
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
    </dialog>
  )
}
