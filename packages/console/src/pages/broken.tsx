import { Link } from '@tanstack/react-router'
import { useClient } from '../api/use-client.ts'
import { ProblemNote } from '../parts/problem.tsx'
import { useTitle } from '../parts/use-title.ts'

/** An address that leads nowhere. */
export function PageMissing() {
  const { environment } = useClient()
  useTitle('No such page')
  return (
    <div className="panel px-4 py-12 text-center">
      <h1 className="text-base font-medium">There is no such page</h1>
      <p className="mt-4">
        <Link to="/runs" search={{ environment }} className="action">
          To the runs
        </Link>
      </p>
    </div>
  )
}

/** A page that could not be drawn, for example because the platform has been renewed since it was opened. */
export function PageBroken({ error }: { error: unknown }) {
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold">This page could not be shown</h1>
      <ProblemNote
        error={error instanceof Error ? error : new Error(String(error))}
        onRetry={() => window.location.reload()}
      />
    </>
  )
}
