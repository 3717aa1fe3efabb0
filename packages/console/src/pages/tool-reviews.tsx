import { ToolReviewState, type ToolReview } from '@causeway/contracts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useClient } from '../api/use-client.ts'
import { Ago } from '../parts/instant.tsx'
import { useLive } from '../parts/live-toggle.tsx'
import { Empty, ProblemNote } from '../parts/problem.tsx'
import { ReviewDue } from '../parts/review-due.tsx'
import { StatusBadge } from '../parts/status-badge.tsx'
import { Untrusted } from '../parts/untrusted-text.tsx'
import { useTitle } from '../parts/use-title.ts'

/** Versions of tools that wait for reviewers, and those that they have decided about. */
export function ToolReviewsPage() {
  const { client, environment } = useClient()
  const { state = 'in-review', tool, cursor } = useSearch({ from: '/frame/tool-reviews' })
  const { refetchInterval, toggle } = useLive()
  useTitle('Tool reviews')
  const query = useQuery({
    queryKey: ['tool-reviews', environment, state, tool, cursor],
    queryFn: () => client.toolReviews.list({ state, cursor, limit: 25, ...(tool && { tool }) }),
    refetchInterval,
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-xl font-semibold">Tool reviews</h1>
        {toggle}
      </div>
      <nav aria-label="State" className="mb-4 flex flex-wrap gap-2">
        {ToolReviewState.options.map(each => (
          <Link
            key={each}
            to="/tool-reviews"
            search={{ environment, state: each, tool }}
            aria-current={each === state ? 'true' : undefined}
            className="action aria-[current=true]:border-accent aria-[current=true]:text-accent"
          >
            {each}
          </Link>
        ))}
        {tool && (
          <Link to="/tool-reviews" search={{ environment, state }} className="action">
            all tools
          </Link>
        )}
      </nav>
      {query.error && <ProblemNote error={query.error} onRetry={query.refetch} />}
      {query.isPending && <p className="text-muted">Loading …</p>}
      {query.data?.data.length === 0 && (
        <Empty
          title={state === 'in-review' ? 'No tool waits for a review' : `No version is ${state}`}
          {...(state === 'in-review' && { command: 'npx causeway tool-reviews submit tool.yaml' })}
        />
      )}
      <ul className="space-y-3">
        {query.data?.data.map(review => (
          <Item key={review.id} review={review} />
        ))}
      </ul>
      {query.data?.nextCursor && (
        <Link
          className="action mt-4"
          to="/tool-reviews"
          search={{ environment, state, tool, cursor: query.data.nextCursor }}
        >
          Older
        </Link>
      )}
    </>
  )
}

function Item({ review }: { review: ToolReview }) {
  const { environment } = useClient()
  const { id, tool, version, effect, risk, state, checks, submittedBy, submittedAt, dueAt } = review
  const notable = checks.filter(({ outcome }) => outcome === 'failed' || outcome === 'warned')
  return (
    <li className="panel flex flex-wrap items-start gap-x-4 gap-y-3 p-4">
      <div className="mr-auto min-w-0">
        <h2 className="flex flex-wrap gap-x-3 font-medium break-words">
          <Untrusted text={tool} />
          <span className="text-muted">
            {effect}, risk {risk}
          </span>
          <StatusBadge status={state} />
        </h2>
        <p className="text-muted mt-0.5">
          <span className="font-mono text-xs">{version.slice(0, 12)}</span> by <Untrusted text={submittedBy} />{' '}
          <Ago instant={submittedAt} />
          {state === 'in-review' && (
            <>
              {' '}
              · <ReviewDue at={dueAt} />
            </>
          )}
        </p>
        {notable.length > 0 && (
          <p className="mt-1 break-words">{notable.map(({ check, outcome }) => `${check} ${outcome}`).join(', ')}</p>
        )}
      </div>
      <Link className="action" to="/tool-reviews/$reviewId" params={{ reviewId: id }} search={{ environment }}>
        {state === 'in-review' ? 'Review' : 'See it'} <span className="sr-only">{tool}</span>
      </Link>
    </li>
  )
}
