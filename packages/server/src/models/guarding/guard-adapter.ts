import { CausewayError, type ProviderSpec } from '@causeway/contracts'
import type { ProviderAdapter } from '../providers/provider-adapter.ts'
import type { CallGuard } from './call-guard.ts'
import { guardEvents } from './guard-events.ts'

/** A provider that is sent, and that answers, only what the guardrails of a call let through. */
export function guardAdapter<Spec extends ProviderSpec>(
  adapter: ProviderAdapter<Spec>,
  guard: CallGuard,
): ProviderAdapter<Spec> {
  if (!guard.watchesInput && !guard.watchesOutput) return adapter
  const { relay } = adapter
  return {
    ...adapter,
    stream(target, request, options) {
      const events = adapter.stream(target, guard.input(request), options)
      return guard.watchesOutput ? guardEvents(events, guard) : events
    },
    ...(relay && {
      relay: {
        // An answer can be looked into only when it is translated.
        dialects: target => (guard.watchesOutput ? [] : relay.dialects(target)),
        send: (target, body, options) => relay.send(target, guard.body(body), options),
      },
    }),
    perform: (target, operation, body, options) => adapter.perform?.(target, operation, guard.body(body), options),
    media(target, path, { body, contentType }, options) {
      const isForm = !/json/i.test(contentType)
      if (isForm && !guard.isClean()) throw notLookedInto('a form cannot be changed')
      if (guard.watchesOutput && /transcriptions|translations/.test(path))
        throw notLookedInto('a transcript is handed on unread')
      return adapter.media?.(target, path, { body: isForm ? body : guard.body(body), contentType }, options)
    },
  }
}

const notLookedInto = (why: string): CausewayError =>
  new CausewayError('guardrail-blocked', `A guardrail of this environment blocks the request: ${why}.`)
