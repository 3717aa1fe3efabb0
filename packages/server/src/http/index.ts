export { createApp, type App, type AppOptions } from './create-app.ts'
export { decodeCursor, encodeCursor, pageFrom } from './cursor.ts'
export { lastEventId, openEventStream, wantsEventStream, type EventStream } from './event-stream.ts'
export type { ReadinessCheck } from './operation-routes.ts'
