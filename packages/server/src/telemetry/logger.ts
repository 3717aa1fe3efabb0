import { pino, type DestinationStream } from 'pino'

/** Structured log, one JSON object a line. */
export type Logger = pino.Logger

interface LoggerOptions {
  level: string
  /** Values that never stand in a line, whatever field or message they come in. */
  hidden?: readonly string[]
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
export function createLogger({
  level,
  hidden = [],
  destination = pino.destination({ sync: true }),
}: LoggerOptions): Logger {
  const values = hidden.flatMap(value => [value, JSON.stringify(value).slice(1, -1)])
  const mask = (line: string): string => values.reduce((masked, value) => masked.replaceAll(value, '[hidden]'), line)
  return pino(
    {
      level,
      base: { service: 'causeway' },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths, censor: '[hidden]' },
      ...(values.length > 0 && { hooks: { streamWrite: mask } }),
    },
    destination,
  )
}
