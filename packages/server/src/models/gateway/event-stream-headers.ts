/** Headers of a stream of events. Proxies are asked not to collect it. */
export const eventStreamHeaders = (contentType = 'text/event-stream; charset=utf-8'): Record<string, string> => ({
  'content-type': contentType,
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
})
