import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client'

/** Figures for Prometheus. Labels have few values: no ids, no free text. */
export type Metrics = ReturnType<typeof createMetrics>

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames, registers: [registry] })
  const histogram = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Histogram({ name, help, labelNames, buckets: seconds, registers: [registry] })
  return {
    registry,
    httpRequests: counter('causeway_http_requests_total', 'Requests to the API', ['method', 'route', 'status']),
    httpDuration: histogram('causeway_http_request_duration_seconds', 'Time to answer a request', ['method', 'route']),
    modelCalls: counter('causeway_model_calls_total', 'Model calls', ['provider', 'outcome']),
    modelDuration: histogram('causeway_model_call_duration_seconds', 'Duration of model calls', ['provider']),
    toolCalls: counter('causeway_tool_calls_total', 'Tool calls', ['tool', 'outcome']),
    toolDuration: histogram('causeway_tool_call_duration_seconds', 'Duration of tool calls', ['tool']),
    runsEnded: counter('causeway_runs_ended_total', 'Runs that have ended', ['status', 'reason']),
    tokens: counter('causeway_tokens_total', 'Tokens used', ['direction']),
    cost: counter('causeway_cost_usd_total', 'Cost of model calls in USD', []),
    spansDropped: counter('causeway_spans_dropped_total', 'Spans that could not be stored', []),
  }
}
