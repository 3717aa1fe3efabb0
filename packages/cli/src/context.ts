import type { Client } from '@causeway/sdk'
import type { Command } from 'commander'
import type { GlobalOptions } from './connection.ts'

/** What every command is given. */
export interface Context {
  options(): GlobalOptions
  json(): boolean
  /** A client for the settings. @throws CommandError when they are not complete */
  connect(): Promise<{ client: Client; url: string }>
  setExitCode(code: number): void
}

/** Adds what a command does to its name; loaded only when the command is used. */
export type DefineCommand = (command: Command, context: Context) => void
