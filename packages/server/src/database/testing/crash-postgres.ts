import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

const recoveryLimitMs = 30_000

/**
 * Crashes a server, and waits until it is back: when one of its processes is killed, it ends all the others, throws away its shared memory and
 * recovers from its log. Source: PostgreSQL, `HandleChildCrash` in postmaster.c.
 */
export async function crashPostgres(url: string): Promise<void> {
  await withClient(url, async client => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    for (const { pid } of rows) process.kill(pid, 'SIGKILL')
  })
  for (const giveUpAt = Date.now() + recoveryLimitMs; ; await sleep(100))
    try {
      return await withClient(url, async client => void (await client.query('select 1')))
    } catch (error) {
      if (Date.now() > giveUpAt) throw error
    }
}

async function withClient(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
