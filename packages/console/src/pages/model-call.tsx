import type { ModelCall, ModelCallDetail, PriceRates } from '@causeway/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useClient } from '../api/use-client.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { IncidentLink } from '../parts/incident-link.tsx'
import { CostOf } from '../parts/cost-of.tsx'
import { foundText } from '../parts/found-text.ts'
import { duration, moment } from '../parts/figures.ts'
import { ModelCallAttempts } from '../parts/model-call-attempts.tsx'
import { ProblemNote } from '../parts/problem.tsx'
import { RehearsalMark, ShadowMark, StatusBadge } from '../parts/status-badge.tsx'
import { Untrusted } from '../parts/untrusted-text.tsx'
import { useTitle } from '../parts/use-title.ts'

/** One request to the model gateway: why it was refused, failed, slow or dear. */
export function ModelCallPage() {
  const { callId } = useParams({ from: '/frame/model-calls/$callId' })
  const { client, environment } = useClient()
  const call = useQuery({ queryKey: ['model-call', environment, callId], queryFn: () => client.modelCalls.get(callId) })
  useTitle(call.data ? `Model call ${call.data.outcome}` : 'Model call')
  if (call.error)
    return (
      <>
        <h1 className="mb-4 text-xl font-semibold">Model call</h1>
        <ProblemNote error={call.error} onRetry={call.refetch} />
      </>
    )
  if (!call.data) return <p className="text-muted">Loading …</p>
  return <Explained call={call.data} />
}

function Explained({ call }: { call: ModelCallDetail }) {
  const { environment } = useClient()
  const { routing, usage } = call
  return (
    <>
      <div className="mb-1 flex flex-wrap items-center gap-3">
        <h1 className="text-xl font-semibold">Model call {call.outcome}</h1>
        <StatusBadge status={call.outcome} />
        {call.rehearsal && <RehearsalMark />}
        {call.shadowOf !== null && <ShadowMark />}
      </div>
      <p className="text-muted mb-4 flex flex-wrap items-center gap-2">
        <code className="break-all">{call.id}</code> <CopyButton text={call.id} what="id" /> {moment(call.startedAt)}
      </p>
      {call.errorCode && (
        <section aria-labelledby="why" className="panel border-l-bad mb-4 border-l-4 p-4">
          <h2 id="why" className="mb-1 font-semibold">
            {call.errorCode}
          </h2>
          <p>
            {call.errorMessage ? (
              <Untrusted text={call.errorMessage} />
            ) : (
              'The attempts below say how each target failed. What a provider said is not kept.'
            )}
          </p>
        </section>
      )}
      <div className="grid gap-4 md:grid-cols-2">
        <Facts title="Route">
          <Fact name="asked for">
            <Untrusted text={call.route} />
          </Fact>
          {call.shadowOf !== null && (
            <Fact name="shadow of">
              <Link
                className="text-accent underline-offset-2 hover:underline"
                to="/model-calls/$callId"
                params={{ callId: call.shadowOf }}
                search={{ environment }}
              >
                <code className="break-all">{call.shadowOf}</code>
              </Link>
            </Fact>
          )}
          {call.downgradedTo && <Fact name="downgraded to">{call.downgradedTo}, because a budget was used up</Fact>}
          <Fact name="decision">{routing ? `${routing.strategy}: ${routing.reason}` : 'none was made'}</Fact>
          {routing && routing.leftOut.length > 0 && (
            <Fact name="left out">
              <Untrusted text={routing.leftOut.join('; ')} />
            </Fact>
          )}
          <Fact name="target">
            {call.provider ? <Untrusted text={`${call.provider} / ${call.model ?? ''}`} /> : 'none was reached'}
          </Fact>
        </Facts>
        <Facts title="Cost">
          <Fact name="cost">
            <CostOf cost={call.cost} />
          </Fact>
          {call.cache && <Fact name="cache">{cacheOf(call)}</Fact>}
          <Fact name="prices">{call.priceVersion}</Fact>
          {call.serviceTier && (
            <Fact name="service tier">
              <Untrusted text={call.serviceTier} />
            </Fact>
          )}
          {call.rates && <Fact name="rates">{ratesText(call.rates)}</Fact>}
          <Fact name="input">
            {usage.inputTokens.toLocaleString()} tokens
            {usage.cachedInputTokens > 0 && `, ${usage.cachedInputTokens.toLocaleString()} of them cached`}
            {usage.cacheWriteTokens > 0 && `, ${usage.cacheWriteTokens.toLocaleString()} written to the cache`}
          </Fact>
          <Fact name="output">
            {usage.outputTokens.toLocaleString()} tokens
            {usage.reasoningTokens > 0 && `, ${usage.reasoningTokens.toLocaleString()} of them reasoning`}
          </Fact>
          {call.usageEstimated && <Fact name="counted by">an estimate: the provider did not count</Fact>}
        </Facts>
        <Facts title="Policy and budgets">
          <Fact name="policy">{policyOf(call)}</Fact>
          {call.dataClasses.length > 0 && <Fact name="data classes">{call.dataClasses.join(', ')}</Fact>}
          {call.guardrails.length > 0 && <Fact name="guardrails">{call.guardrails.map(foundText).join('; ')}</Fact>}
          <Fact name="budgets">{budgetsOf(call)}</Fact>
          <Fact name="caller">
            <Link
              className="text-accent underline-offset-2 hover:underline"
              to="/model-calls"
              search={{ environment, key: call.apiKeyId }}
            >
              <Untrusted text={call.actor} />
            </Link>
          </Fact>
          {call.sessionId !== null && (
            <Fact name="session">
              <Link
                className="text-accent underline-offset-2 hover:underline"
                to="/runs"
                search={{ environment, session: call.sessionId }}
              >
                <code className="break-all">{call.sessionId}</code>
              </Link>
              {call.agent !== null && `, of the agent ${call.agent}`}
            </Fact>
          )}
        </Facts>
        <Facts title="Answer">
          <Fact name="dialect">
            {call.dialect}, {call.streamed ? 'streamed' : 'whole'}
          </Fact>
          <Fact name="finish">{call.finishReason ?? 'none'}</Fact>
          {call.structuredOutput && <Fact name="schema">{schemaOf(call.structuredOutput)}</Fact>}
          {call.feedback.map(({ score, actor, comment, givenAt }) => (
            <Fact key={`${actor} ${givenAt}`} name="score">
              {score} by <Untrusted text={comment === null ? actor : `${actor}: ${comment}`} />
            </Fact>
          ))}
          <Fact name="first byte">{call.firstByteMs === null ? 'none' : `after ${duration(call.firstByteMs)}`}</Fact>
          <Fact name="end">after {duration(call.durationMs)}</Fact>
        </Facts>
      </div>
      <h2 className="mt-7 mb-3 text-base font-semibold">Attempts</h2>
      <ModelCallAttempts call={call} />
      <IncidentLink about={{ kind: 'model-call', id: call.id }} />
    </>
  )
}

const ratesText = ({ source, input, output, cachedInput, cacheWrite }: PriceRates): string =>
  `${source}, a million tokens: $${input} in, $${output} out, $${cachedInput} from the cache, $${cacheWrite} into it`

const schemaOf = ({ result, repairs }: NonNullable<ModelCall['structuredOutput']>): string => {
  const again = repairs > 0 ? `, after asking again ${repairs === 1 ? 'once' : `${repairs} times`}` : ''
  switch (result) {
    case 'valid':
    case 'repaired':
      return `the answer fits${again}`
    case 'invalid':
      return `the answer does not fit${again}`
    case 'unchecked':
      return 'there was nothing to check, or the schema cannot be used for it'
  }
}

const cacheOf = ({ cache, savedNanoUsd }: ModelCall): ReactNode =>
  cache === 'hit' ? (
    <>
      hit, <CostOf cost={{ nanoUsd: savedNanoUsd, status: 'exact' }} /> saved
    </>
  ) : (
    'miss: no such answer was kept'
  )

/** Whether the call came as far as being admitted to a target. */
const wasAdmitted = ({ attempts, outcome }: ModelCall): boolean => attempts.length > 0 || outcome === 'completed'

function policyOf(call: ModelCall): string {
  if (call.errorCode === 'policy-denied') return 'denied; the audit log has the policies that decided'
  return wasAdmitted(call) ? 'allowed' : 'not the reason'
}

function budgetsOf(call: ModelCall): string {
  if (call.errorCode === 'budget-exceeded' || call.errorCode === 'rate-limited') return 'no room was left'
  if (call.budgetWarnings.length > 0) return `nearly used up: ${call.budgetWarnings.join(', ')}`
  return wasAdmitted(call) ? 'none stood in the way' : 'not the reason'
}

function Facts({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="panel p-4">
      <h2 className="mb-2 font-semibold">{title}</h2>
      <dl className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-3 gap-y-1">{children}</dl>
    </section>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-muted">{name}</dt>
    <dd className="break-words">{children}</dd>
  </>
)
