import { extraFieldsFor } from '../../dialects/extra-fields.ts'
import type { ProviderAdapter, SpecOf } from '../provider-adapter.ts'
import { rehearse } from './stream.ts'

/** Plays scripted conversations, so that everything but the model can be tried, tested and shown without one. */
export const createRehearsal = (): ProviderAdapter<SpecOf<'rehearsal'>> => ({
  availability: ({ model }) => ({ available: true, model }),
  async *stream({ spec }, request, { onDropped }) {
    const { dropped } = extraFieldsFor(request, null)
    if (dropped.length > 0) onDropped?.(dropped)
    yield* rehearse(spec, request)
  },
})
