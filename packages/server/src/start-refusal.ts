import { ConfigError } from './config/index.ts'
import { DatabaseStartError, DataFolderInUseError } from './database/index.ts'

/** One clear sentence for each reason why a replica does not start; the whole error for one that nobody has foreseen. */
export function reasonToRefuse(error: unknown): string {
  if (error instanceof ConfigError || error instanceof DatabaseStartError || error instanceof DataFolderInUseError)
    return error.message
  if (error instanceof Error && 'code' in error && 'port' in error) {
    if (error.code === 'EADDRINUSE')
      return `Port ${String(error.port)} is in use. Stop what uses it, or set CAUSEWAY_PORT to another port.`
    if (error.code === 'EACCES')
      return `Port ${String(error.port)} may not be opened by this user. Set CAUSEWAY_PORT to a port above 1023.`
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
