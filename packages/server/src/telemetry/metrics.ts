import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { createBoundedLabel } from './bounded-label.ts'

/** Figures for Prometheus. Labels have few values: no ids, no free text. */
export type Metrics = ReturnType<typeof createMetrics>

interface ModelCall {
  provider: string | null | undefined
  model: string | null | undefined
  /** `ok`, or the code of the error. */
  outcome: string
  seconds: number
  usage?: { inputTokens: number; outputTokens: number }
  cost?: { nanoUsd: number }
  cache?: 'hit' | 'miss' | null
  savedNanoUsd?: number
  guardrails?: readonly Found[]
}

/** What a guardrail has found. */
interface Found {
  guardrail: string
  at: string
  action: string
  count: number
}

interface EndedRun {
  agent: string
  status: string
  reason: string
  toolCalls: number
}

interface ToolCall {
  tool: string
  outcome: string
  seconds: number
}

/** Tool calls of a run. */
const calls = [0, 1, 2, 3, 5, 8, 13, 20, 30, 50, 100, 200]
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames, registers: [registry] })
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets = seconds,
  ) => new Histogram({ name, help, labelNames, buckets, registers: [registry] })
  const modelCalls = counter('causeway_model_calls_total', 'Model calls', ['provider', 'model', 'outcome'])
  const modelDuration = histogram('causeway_model_call_duration_seconds', 'Duration of model calls', ['provider'])
  const toolCalls = counter('causeway_tool_calls_total', 'Tool calls', ['tool', 'outcome'])
  const toolDuration = histogram('causeway_tool_call_duration_seconds', 'Duration of tool calls', ['tool'])
  const runsEnded = counter('causeway_runs_ended_total', 'Runs that have ended', ['status', 'reason'])
  const runToolCalls = histogram('causeway_run_tool_calls', 'Tool calls of a run', ['agent'], calls)
  const tokens = counter('causeway_tokens_total', 'Tokens used', ['direction'])
  const cost = counter('causeway_cost_usd_total', 'Cost of model calls in USD', [])
  const cacheLookups = counter('causeway_answer_cache_total', 'Model calls of routes that keep answers', ['result'])
  const saved = counter('causeway_saved_usd_total', 'What answers had cost that were given again, in USD', [])
  const findings = counter('causeway_guardrail_findings_total', 'What guardrails have found', [
    'guardrail',
    'at',
    'action',
  ])
  const [providerLabel, modelLabel, toolLabel] = [createBoundedLabel(), createBoundedLabel(), createBoundedLabel()]
  const [guardrailLabel, agentLabel] = [createBoundedLabel(), createBoundedLabel()]
  const observeFindings = (found: readonly Found[] = []): void => {
    for (const { guardrail, at, action, count } of found)
      findings.inc({ guardrail: guardrailLabel(guardrail), at, action }, count)
  }

  return {
    registry,
    /** A figure that is read when somebody asks for it. Where that fails, the last one stays. */
    gauge(name: string, help: string, read: () => Promise<number>): void {
      registry.registerMetric(
        new Gauge({
          name,
          help,
          registers: [],
          async collect() {
            const value = await read().catch(() => undefined)
            if (value !== undefined) this.set(value)
          },
        }),
      )
    },
    httpRequests: counter('causeway_http_requests_total', 'Requests to the API', ['method', 'route', 'status']),
    httpDuration: histogram('causeway_http_request_duration_seconds', 'Time to answer a request', ['method', 'route']),
    runsActive: new Gauge({
      name: 'causeway_runs_active',
      help: 'Runs that this replica works on',
      registers: [registry],
    }),
    modelCallsRefused: counter(
      'causeway_model_calls_refused_total',
      'Model calls without credentials that are valid',
      [],
    ),
    spansDropped: counter('causeway_spans_dropped_total', 'Spans that could not be delivered', ['destination']),
    observeModelCall(call: ModelCall): void {
      const provider = providerLabel(call.provider ?? 'none')
      modelCalls.inc({ provider, model: modelLabel(call.model ?? 'none'), outcome: call.outcome })
      modelDuration.observe({ provider }, call.seconds)
      tokens.inc({ direction: 'input' }, call.usage?.inputTokens ?? 0)
      tokens.inc({ direction: 'output' }, call.usage?.outputTokens ?? 0)
      cost.inc((call.cost?.nanoUsd ?? 0) / 1e9)
      if (call.cache) cacheLookups.inc({ result: call.cache })
      saved.inc((call.savedNanoUsd ?? 0) / 1e9)
      observeFindings(call.guardrails)
    },
    observeRun({ agent, status, reason, toolCalls: made }: EndedRun): void {
      runsEnded.inc({ status, reason })
      runToolCalls.observe({ agent: agentLabel(agent) }, made)
    },
    observeToolCall(call: ToolCall): void {
      const tool = toolLabel(call.tool)
      toolCalls.inc({ tool, outcome: call.outcome })
      toolDuration.observe({ tool }, call.seconds)
    },
    observeFindings,
  }
}
