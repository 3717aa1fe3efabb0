import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { Writable } from 'node:stream'
import { CommandError } from './command-error.ts'

/**
 * A value from standard input without its last line break, or typed at the terminal, where it is not shown. It is never an
 * argument, which others could see in the list of processes.
 * @throws CommandError when nothing is given
 */
export async function readSecret(name: string): Promise<string> {
  const value = process.stdin.isTTY ? await typed(`Value of ${name}: `) : await text(process.stdin)
  const secret = value.replace(/\r?\n$/, '')
  if (secret === '') throw new CommandError(`There is no value: type it, or give it on standard input.`, 2)
  return secret
}

async function typed(question: string): Promise<string> {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  const given = new AbortController()
  lines.once('SIGINT', () => given.abort())
  try {
    return await lines.question('', { signal: given.signal })
  } catch {
    throw new CommandError('Cancelled.', 130)
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
