import type { ToolCheck, ToolFacts, ToolReviewDetail } from '@causeway/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { CircleCheck, CircleDashed, CircleX, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { useClient } from '../api/use-client.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Ago } from '../parts/instant.tsx'
import { ProblemNote } from '../parts/problem.tsx'
import { ReviewActions } from '../parts/review-actions.tsx'
import { ReviewDue } from '../parts/review-due.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { Untrusted, UntrustedJson, UntrustedText } from '../parts/untrusted-text.tsx'
import { useTitle } from '../parts/use-title.ts'

/** One version of a tool: what it is, what the checks have found, what has changed, and what people say of it. */
export function ToolReviewPage() {
  const { client, environment } = useClient()
  const { reviewId } = useParams({ from: '/frame/tool-reviews/$reviewId' })
  const query = useQuery({
    queryKey: ['tool-review', environment, reviewId],
    queryFn: () => client.toolReviews.get(reviewId),
  })
  useTitle(query.data ? `Review of ${query.data.tool}` : 'Tool review')
  return (
    <>
      <p className="mb-3">
        <Link to="/tool-reviews" search={{ environment }} className="text-accent underline underline-offset-2">
          Tool reviews
        </Link>
      </p>
      {query.error && <ProblemNote error={query.error} onRetry={query.refetch} />}
      {query.isPending && <p className="text-muted">Loading …</p>}
      {query.data && <Review review={query.data} />}
    </>
  )
}

function Review({ review }: { review: ToolReviewDetail }) {
  const { tool, version, effect, risk, state, description, submittedBy, submittedIn, submittedAt, dueAt } = review
  return (
    <>
      <h1 className="mb-1 flex flex-wrap items-baseline gap-x-3 text-xl font-semibold break-words">
        <Untrusted text={tool} />
        <span className="text-sm">
          <StatusBadge status={state} />
        </span>
      </h1>
      {description && <UntrustedText text={description} />}
      <dl className="[&>dt]:text-muted my-4 grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-5 gap-y-1.5 [&>dd]:break-words">
        <dt>Effect</dt>
        <dd>
          {effect}, risk {risk} of 4
        </dd>
        <Facts facts={review.facts} />
        <dt>Version</dt>
        <dd className="font-mono text-xs">
          {version.slice(0, 16)} <CopyButton text={version} what={`version of ${tool}`} />
        </dd>
        <dt>Submitted</dt>
        <dd>
          by <Untrusted text={submittedBy} /> in {submittedIn}, <Ago instant={submittedAt} />
        </dd>
        {state === 'in-review' && (
          <>
            <dt>Approvals</dt>
            <dd>
              {approvalsOf(review)} of {review.approvalsNeeded}, <ReviewDue at={dueAt} />
            </dd>
          </>
        )}
        <dt>In force in</dt>
        <dd>{review.enabledIn.join(', ') || 'no environment'}</dd>
      </dl>
      <Section title="What the checks have found">
        <ul className="space-y-1.5">
          {review.checks.map(check => (
            <CheckLine key={check.check} check={check} />
          ))}
        </ul>
      </Section>
      <Section title={review.comparedTo === null ? 'All of it' : 'What is different from the version approved last'}>
        {review.comparedTo === null ? (
          <p className="text-muted mb-2">No version of it was approved before.</p>
        ) : (
          <Differences review={review} />
        )}
        {review.comparedTo === null ? (
          <UntrustedJson value={review.spec} label={`Manifest of ${tool}`} />
        ) : (
          <details className="mt-3">
            <summary className="font-medium">All of it</summary>
            <div className="mt-2">
              <UntrustedJson value={review.spec} label={`Manifest of ${tool}`} />
            </div>
          </details>
        )}
      </Section>
      <Section title="What people have done and said">
        <ol className="space-y-2">
          {review.history.map(({ at, by, action, comment }) => (
            <li key={at + by + action} className="break-words">
              <span className="font-medium">{action}</span> by <Untrusted text={by} /> <Ago instant={at} />
              {comment && <UntrustedText text={comment} />}
            </li>
          ))}
        </ol>
      </Section>
      <ReviewActions review={review} />
    </>
  )
}

/** What the manifest says of the tool for people; nothing where it says nothing. */
function Facts({ facts: { owner, documentation, deprecation, dataClasses } }: { facts: ToolFacts }) {
  return (
    <>
      {owner && (
        <>
          <dt>Owner</dt>
          <dd>
            <Untrusted text={owner} />
          </dd>
        </>
      )}
      {dataClasses.length > 0 && (
        <>
          <dt>Classes of data</dt>
          <dd>{dataClasses.join(', ')}</dd>
        </>
      )}
      {deprecation && (
        <>
          <dt>Goes out of use</dt>
          <dd>
            <Ago instant={deprecation.endsAt} />
            {deprecation.successor && `, ${deprecation.successor} takes its place`}
            {deprecation.reason && (
              <>
                : <Untrusted text={deprecation.reason} />
              </>
            )}
          </dd>
        </>
      )}
      {documentation && (
        <>
          <dt>Documentation</dt>
          <dd>
            <UntrustedText text={documentation} />
          </dd>
        </>
      )}
    </>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="panel mb-4 p-4">
      <h2 className="mb-2 font-medium">{title}</h2>
      {children}
    </section>
  )
}

const looks = {
  passed: { icon: CircleCheck, tone: 'text-good' },
  warned: { icon: TriangleAlert, tone: 'text-warn' },
  failed: { icon: CircleX, tone: 'text-bad' },
  'not-run': { icon: CircleDashed, tone: 'text-muted' },
} as const

function CheckLine({ check: { check, outcome, message } }: { check: ToolCheck }) {
  const { icon: Icon, tone } = looks[outcome]
  return (
    <li className="flex gap-2">
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${tone}`} />
      <span className="min-w-0 break-words">
        <span className="font-medium">
          {check} {outcome}
        </span>
        : <Untrusted text={message} />
      </span>
    </li>
  )
}

function Differences({ review: { differences } }: { review: ToolReviewDetail }) {
  if (differences.length === 0) return <p>Nothing.</p>
  const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))
  return (
    <ul className="space-y-1.5">
      {differences.map(({ pointer, before, after }) => (
        <li key={pointer} className="break-words">
          <span className="font-mono text-xs">
            <Untrusted text={pointer || '/'} />
          </span>
          : <Untrusted text={shown(before)} /> → <Untrusted text={shown(after)} />
        </li>
      ))}
    </ul>
  )
}

/** How many people have approved since it was submitted, or restored, the last time. */
function approvalsOf({ history }: ToolReviewDetail): number {
  const since = history.findLastIndex(({ action }) => action === 'submit' || action === 'restore')
  return new Set(history.slice(since).flatMap(({ action, by }) => (action === 'approve' ? [by] : []))).size
}
