import { toolReviewActions, type ToolReviewAction, type ToolReviewDetail } from '@causeway/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useClient } from '../api/use-client.ts'
import { useMe } from '../api/use-me.ts'
import { ProblemNote } from './problem.tsx'

const looks: Partial<Record<ToolReviewAction, string>> = {
  approve: 'action-main',
  reject: 'action text-bad',
  quarantine: 'action text-bad',
  retire: 'action text-bad',
}

/** What a reviewer can do with a version now. Everything but an approval needs a word why. */
export function ReviewActions({ review }: { review: ToolReviewDetail }) {
  const [comment, setComment] = useState('')
  const queries = useQueryClient()
  const { client } = useClient()
  const { may } = useMe()
  const act = useMutation({
    mutationFn: (action: ToolReviewAction) =>
      client.toolReviews.act(review.id, { action, ...(comment && { comment }) }),
    // A refusal too says something new: perhaps somebody else was faster.
    onSettled: () => queries.invalidateQueries(),
    onSuccess: () => setComment(''),
  })
  if (!may('tools:review')) return <p className="text-muted">Your key does not have the right tools:review.</p>
  const possible = toolReviewActions[review.state]
  return (
    <section className="panel p-4" aria-label="Decide">
      <label className="block">
        <span className="font-medium">Comment</span>{' '}
        <span className="text-muted">(needed for everything but an approval)</span>
        <textarea
          className="field mt-1.5 h-20 w-full py-1.5"
          value={comment}
          maxLength={4000}
          onChange={event => setComment(event.target.value)}
        />
      </label>
      <div className="mt-3 empty:hidden">{act.error && <ProblemNote error={act.error} />}</div>
      <div className="mt-3 flex flex-wrap justify-end gap-2">
        {possible.map(action => (
          <button
            key={action}
            type="button"
            className={`${looks[action] ?? 'action'} capitalize`}
            disabled={act.isPending || (action !== 'approve' && comment.trim() === '')}
            onClick={() => act.mutate(action)}
          >
            {action}
          </button>
        ))}
      </div>
    </section>
  )
}
