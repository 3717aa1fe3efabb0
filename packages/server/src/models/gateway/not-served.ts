import { ProviderFailure } from '../provider-failure.ts'
import type { Target } from '../providers/provider-adapter.ts'

/** A provider has nothing of the kind that is asked for; another target may. */
export const notServed = ({ provider }: Target, deed: string): ProviderFailure =>
  new ProviderFailure('provider-rejected', `Provider "${provider}" has no models that ${deed}.`, {
    failureClass: 'unknown-model',
  })
