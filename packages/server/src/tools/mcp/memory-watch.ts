import { readdir, readFile } from 'node:fs/promises'
import { repeatedly } from '../../jobs/index.ts'

/** What a program and all that it has started may have in memory together. */
const memoryMiBAtMost = 1024
/** Processes that it may be. */
const processesOfProgramAtMost = 128
const lookEveryMs = 300

/** Ends programs that use too much. Linux tells what they use; elsewhere nobody is watched. */
export interface MemoryWatch {
  /**
   * Watches a process with all that it starts.
   * @param onKilled is told why it was ended
   * @returns the end of the watch
   */
  watch(pid: number, onKilled: (why: string) => void): () => void
}

export function createMemoryWatch(): MemoryWatch {
  const watched = new Map<number, (why: string) => void>()
  let stop: (() => Promise<void>) | undefined

  const look = async (): Promise<void> => {
    const children = await childrenOfAll()
    const own = new Set(children.get(process.pid))
    for (const [pid, onKilled] of watched) {
      // It may have ended, and its number be that of somebody else by now.
      if (!own.has(pid)) continue
      const family = familyOf(pid, children)
      const why = await tooMuch(family)
      if (why === undefined || !watched.delete(pid)) continue
      onKilled(why)
      for (const each of family) kill(each)
    }
  }

  return {
    watch(pid, onKilled) {
      watched.set(pid, onKilled)
      // What cannot be read now is read the next time.
      stop ??= repeatedly(look, { everyMs: lookEveryMs, onError: () => undefined })
      return () => {
        watched.delete(pid)
        if (watched.size > 0) return
        void stop?.()
        stop = undefined
      }
    },
  }
}

async function tooMuch(family: readonly number[]): Promise<string | undefined> {
  if (family.length > processesOfProgramAtMost)
    return `The program was ended: it had started more than ${processesOfProgramAtMost} processes.`
  const sizes = await Promise.all(family.map(residentKiB))
  if (sizes.reduce((sum, size) => sum + size, 0) <= memoryMiBAtMost * 1024) return undefined
  return `The program was ended: it had more than ${memoryMiBAtMost} MiB in memory.`
}

/** Every process of the machine that can be seen, by the one that has started it. Source: proc_pid_stat(5). */
async function childrenOfAll(): Promise<ReadonlyMap<number, number[]>> {
  const children = new Map<number, number[]>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readOrNothing(`/proc/${name}/stat`)
    // The name of the program stands in brackets and may have some in it.
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 2)
    const siblings = children.get(Number(parent)) ?? []
    children.set(Number(parent), [...siblings, Number(name)])
  }
  return children
}

function familyOf(pid: number, children: ReadonlyMap<number, number[]>): number[] {
  const family = [pid]
  for (const each of family) family.push(...(children.get(each) ?? []))
  return family
}

/** Source: proc_pid_status(5). */
async function residentKiB(pid: number): Promise<number> {
  const [, size] = /^VmRSS:\s*(\d+)/m.exec(await readOrNothing(`/proc/${pid}/status`)) ?? []
  return Number(size ?? 0)
}

/** A process may end at any moment. */
const readOrNothing = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
