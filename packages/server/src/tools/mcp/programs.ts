import { execFile } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import { dirname, sep } from 'node:path'
import { promisify } from 'node:util'
import { CausewayError, type McpStdioTransport } from '@causeway/contracts'
import type { Transport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { resultBytesAtMost } from '../tool-call.ts'
import { createMemoryWatch, type MemoryWatch } from './memory-watch.ts'

export interface ProgramsOptions {
  /** Folders that the operator lets programs see, with all that is in them. */
  folders: readonly string[]
  /** Whether the operator has said that programs may run where there is nothing to lock them up in. */
  unsandboxed: boolean
  /** The command of bubblewrap. */
  bubblewrap?: string
}

/** Programs that serve tools over their standard input and output. */
export interface Programs {
  /** A process that is started when it is connected to. @throws CausewayError sandbox-unavailable, egress-denied for a folder that is not allowed */
  start(transport: McpStdioTransport, environment: Readonly<Record<string, string>>): Promise<Program>
}

/** A process that is, or will be, one of the programs. */
export interface Program {
  transport: Transport
  /** Why the platform has ended it before it was done, if it has. */
  killed(): string | undefined
}

const run = promisify(execFile)

type Folder = McpStdioTransport['folders'][number]

/** Processes at a time, of this replica. */
const processesAtMost = 16
/** Seconds of a processor that a process may use, and 512-byte blocks that it may write to one file. */
const [cpuSeconds, fileBlocks] = [120, 2 * 1024 * 1024]
/** Bytes of the files that it may keep in memory, under each of /tmp and /dev/shm. */
const scratchBytes = 256 * 1024 * 1024
/** Where the platform's own Node stands in the sandbox. */
const nodeFolder = '/run/causeway'

/** Each process is locked up by bubblewrap: the system read-only, the folders that are named, no network, no other processes. */
export function createPrograms({ folders: allowed, unsandboxed, bubblewrap = 'bwrap' }: ProgramsOptions): Programs {
  let works: Promise<boolean> | undefined
  let running = 0
  const memory = createMemoryWatch()

  const isLocked = async (): Promise<boolean> => {
    works ??= run(bubblewrap, [...locked([]), '--', 'true'], { timeout: 10_000 }).then(
      () => true,
      () => false,
    )
    if (await works) return true
    // The operator may install it, or the machine may have been too busy: the next call looks again.
    works = undefined
    if (unsandboxed) return false
    throw new CausewayError(
      'sandbox-unavailable',
      `${bubblewrap} is not there, is older than 0.7, or may not make namespaces.`,
    )
  }

  return {
    async start({ command, arguments: values, folders }, environment) {
      if (allowed.length === 0)
        throw new CausewayError(
          'sandbox-unavailable',
          'The operator has not allowed any folders (CAUSEWAY_STDIO_FOLDERS).',
        )
      const shown = await Promise.all(folders.map(folder => checked(folder, allowed)))
      const limited = [
        '/bin/sh',
        '-c',
        `ulimit -t ${cpuSeconds}; ulimit -f ${fileBlocks}; exec "$@"`,
        'sh',
        command,
        ...values,
      ]
      const sandboxed = await isLocked()
      const [file = '', ...rest] = sandboxed ? [bubblewrap, ...locked(shown), '--', ...limited] : limited
      if (running >= processesAtMost)
        throw new CausewayError('tool-unavailable', `${processesAtMost} programs of tool servers run already.`)
      const transport = new StdioClientTransport({
        command: file,
        args: rest,
        env: {
          HOME: '/tmp',
          PATH: `${sandboxed ? nodeFolder : dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
          ...environment,
        },
        cwd: '/',
        stderr: 'ignore',
        maxBufferSize: resultBytesAtMost,
      })
      return supervised(transport, { memory, count: change => (running += change) })
    },
  }
}

/** Counts a process, and watches what it uses, from its start to the end of its closing. */
function supervised(
  transport: StdioClientTransport,
  { memory, count }: { memory: MemoryWatch; count: (change: 1 | -1) => void },
): Program {
  const { start, close } = { start: transport.start.bind(transport), close: transport.close.bind(transport) }
  let counts = false
  let endWatch = (): void => {}
  let why: string | undefined
  transport.start = async () => {
    count(1)
    counts = true
    await start()
    if (transport.pid !== null) endWatch = memory.watch(transport.pid, told => (why = told))
  }
  transport.close = async () => {
    try {
      await close()
    } finally {
      endWatch()
      if (counts) count(-1)
      counts = false
    }
  }
  return { transport, killed: () => why }
}

/** The folder as it stands on the disk, where no link leads out of what is allowed. @throws CausewayError egress-denied */
async function checked({ path, writable }: Folder, allowed: readonly string[]): Promise<Folder & { source: string }> {
  const source = await real(path)
  for (const each of allowed) {
    const root = await real(each)
    if (source !== undefined && root !== undefined && (source === root || source.startsWith(`${root}${sep}`)))
      return { path, writable, source }
  }
  throw new CausewayError('egress-denied', `The folder ${path} is not one that the operator lets programs see.`)
}

const real = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined)

const systemFolders = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/etc/alternatives', '/etc/ld.so.cache']

/** Arguments of bubblewrap. What is not bound is not there. */
const locked = (folders: readonly (Folder & { source: string })[]): string[] =>
  [
    ['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ['--proc', '/proc', '--dev', '/dev', '--dir', nodeFolder],
    ...['/tmp', '/dev/shm'].map(path => ['--size', `${scratchBytes}`, '--tmpfs', path]),
    ...systemFolders.map(path => ['--ro-bind-try', path, path]),
    ['--ro-bind', process.execPath, `${nodeFolder}/node`],
    ...folders.map(({ path, source, writable }) => [writable ? '--bind' : '--ro-bind', source, path]),
    // What is mounted by now is written to nowhere else: these two lie in memory as well.
    ['--remount-ro', '/dev', '--remount-ro', '/'],
    ['--chdir', '/tmp'],
  ].flat()
