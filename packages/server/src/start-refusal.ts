import { CausewayError } from '@causeway/contracts'
import { ConfigError } from './config/index.ts'
import { DatabaseStartError } from './database/index.ts'

/** One clear sentence for each reason why a replica does not start; the whole error for one that nobody has foreseen. */
export function reasonToRefuse(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof ConfigError || error instanceof DatabaseStartError) return error.message
  return ofDatabase(error) ?? ofAddress(error) ?? ofFile(error) ?? error.stack ?? error.message
}

/** `severity` is a field of PostgreSQL's errors; FATAL ends the connection, 42501 is a right that the user lacks. */
function ofDatabase(error: Error): string | undefined {
  if (error instanceof CausewayError && error.code === 'database-unavailable')
    return `The database of DATABASE_URL does not answer (${error.message}). Start it, correct DATABASE_URL, or unset it to use the embedded database.`
  if ('severity' in error && (error.severity === 'FATAL' || codeOf(error) === '42501'))
    return `The database of DATABASE_URL refuses: ${error.message}. Correct DATABASE_URL or the rights of its user.`
  return undefined
}

function ofAddress(error: Error): string | undefined {
  const code = codeOf(error)
  if ('port' in error && code === 'EADDRINUSE')
    return `Port ${String(error.port)} is in use. Stop what uses it, or set CAUSEWAY_PORT to another port.`
  if ('port' in error && code === 'EACCES')
    return `Port ${String(error.port)} may not be opened by this user. Set CAUSEWAY_PORT to a port above 1023.`
  const host = 'address' in error ? error.address : 'hostname' in error ? error.hostname : undefined
  if (typeof host === 'string' && (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN'))
    return `${host} is not an address of this machine. Set CAUSEWAY_HOST to one that is, such as 127.0.0.1 or 0.0.0.0.`
  return undefined
}

const fileCodes = new Set(['EACCES', 'EDQUOT', 'EISDIR', 'ENOSPC', 'ENOTDIR', 'EPERM', 'EROFS'])

function ofFile(error: Error): string | undefined {
  if (!('path' in error) || !fileCodes.has(codeOf(error) ?? '')) return undefined
  return `${String(error.path)} cannot be used (${error.message}). Free it, or set CAUSEWAY_DATA to another folder.`
}

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined
