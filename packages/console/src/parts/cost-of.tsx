import type { Cost } from '@causeway/contracts'
import { usd } from './figures.ts'

/** A cost, and how sure it is: one that is not known is not shown as nothing. */
export function CostOf({ cost: { nanoUsd, status } }: { cost: Cost }) {
  if (status === 'unpriced') return <span className="text-muted">unpriced</span>
  return (
    <>
      {usd(nanoUsd)}
      {status === 'estimated' && <span className="text-muted"> estimated</span>}
    </>
  )
}
