import type { Approval } from '@causeway/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Check, X } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { useClient } from '../api/use-client.ts'
import { useMe } from '../api/use-me.ts'
import { Reasons } from '../timeline/entry.tsx'
import { CopyButton } from './copy-button.tsx'
import { Countdown } from './countdown.tsx'
import { Ago } from './instant.tsx'
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
        <p className="text-muted mt-1">
          Your answer is final and holds for exactly these arguments, or those that you change them to.
        </p>
        <h3 className="mt-5 mb-1.5 font-medium">Arguments, exactly as they will be sent</h3>
        <UntrustedJson value={approval.arguments} label="Arguments" />
        <SinceLast approval={approval} />
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

/** What is different from the call that was approved last, so that a habit shows. */
function SinceLast({ approval }: { approval: Approval }) {
  const { client } = useClient()
  const { data } = useQuery({ queryKey: ['approval', approval.id], queryFn: () => client.approvals.get(approval.id) })
  if (!data?.previous) return null
  const { arguments: before, decidedBy, decidedAt } = data.previous
  const names = [...new Set([...Object.keys(before), ...Object.keys(approval.arguments)])].filter(
    name => JSON.stringify(before[name]) !== JSON.stringify(approval.arguments[name]),
  )
  const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))
  return (
    <>
      <h3 className="mt-5 mb-1.5 font-medium">Against the call that was approved last</h3>
      <p className="text-muted">
        by <Untrusted text={decidedBy} />, <Ago instant={decidedAt} />
      </p>
      {names.length === 0 && <p>Nothing is different.</p>}
      <ul>
        {names.map(name => (
          <li key={name} className="break-words">
            <span className="font-mono text-xs">
              <Untrusted text={name} />
            </span>
            : <Untrusted text={shown(before[name])} /> → <Untrusted text={shown(approval.arguments[name])} />
          </li>
        ))}
      </ul>
    </>
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
      {context?.flags && (
        <p className="text-muted mt-1.5">
          In what the model has read, guardrails have found: <Untrusted text={context.flags.join(', ')} />.
        </p>
      )}
    </>
  )
}

function Answer({ approval, onDone }: { approval: Approval; onDone: () => void }) {
  const [comment, setComment] = useState('')
  const asked = JSON.stringify(approval.arguments, null, 2)
  const [text, setText] = useState(asked)
  const edited = text === asked ? undefined : objectIn(text)
  const queries = useQueryClient()
  const { client } = useClient()
  const { may } = useMe()
  const decide = useMutation({
    mutationFn: (outcome: 'approve' | 'deny') =>
      client.approvals.decide(approval.id, {
        outcome,
        ...(comment && { comment }),
        ...(outcome === 'approve' && edited && { arguments: edited }),
      }),
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
      {approval.needed === 1 && (
        <details className="mt-5">
          <summary className="font-medium">Change the arguments</summary>
          <textarea
            className="field mt-1.5 h-32 w-full py-1.5 font-mono text-xs"
            aria-label="Arguments to send instead, as JSON"
            aria-invalid={edited === null}
            value={text}
            spellCheck={false}
            onChange={event => setText(event.target.value)}
          />
          {edited === null && <p className="text-bad">This is not a JSON object.</p>}
        </details>
      )}
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
          disabled={decide.isPending || edited === null}
          onClick={() => decide.mutate('approve')}
        >
          <Check aria-hidden className="size-4" /> {edited ? 'Approve as changed' : 'Approve'}
        </button>
      </div>
    </>
  )
}

/** The JSON object that a text is; null where it is none. */
function objectIn(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null
  } catch {
    return null
  }
}
