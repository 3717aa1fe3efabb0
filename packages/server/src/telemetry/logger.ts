import { pino, type DestinationStream } from 'pino'

/** Structured log, one JSON object a line. */
export type Logger = pino.Logger

interface LoggerOptions {
  level: string
  /** Takes secrets out of a line, whatever field or message they come in. */
  redact?: (line: string) => string
  /** Default: standard output. */
  destination?: DestinationStream
}

const hiddenFields = ['authorization', 'cookie', 'key', 'apiKey', 'password', 'secret', 'token']
const hiddenHeaders = ['x-api-key', 'set-cookie']
const paths = [
  ...hiddenFields.flatMap(name => [name, `*.${name}`, `*.*.${name}`]),
  ...hiddenHeaders.flatMap(name => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
]

/** Content of prompts, arguments and answers is never logged; fields that carry credentials are masked. */
export function createLogger({ level, redact, destination = pino.destination({ sync: true }) }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { service: 'causeway' },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths, censor: '[hidden]' },
      ...(redact && { hooks: { streamWrite: redact } }),
    },
    destination,
  )
}
