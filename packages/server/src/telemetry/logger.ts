import { pino, type DestinationStream } from 'pino'

/** Structured log, one JSON object a line. */
export type Logger = pino.Logger

const hidden = ['authorization', 'cookie', 'key', 'apiKey', 'password', 'secret', 'token']

/** Content of prompts, arguments and answers is never logged; fields that carry credentials are masked. */
export function createLogger({ level, destination }: { level: string; destination?: DestinationStream }): Logger {
  const redact = { paths: hidden.flatMap(name => [name, `*.${name}`, `*.*.${name}`]), censor: '[hidden]' }
  const options = { level, base: { service: 'causeway' }, timestamp: pino.stdTimeFunctions.isoTime, redact }
  return destination ? pino(options, destination) : pino(options)
}
