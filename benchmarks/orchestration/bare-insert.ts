import type { Pool } from 'pg'

/** The least that a durable step can cost: one row inserted for each of ten steps. @returns a function that gives milliseconds a step */
export async function bareInsert(pool: Pool): Promise<() => Promise<number[]>> {
  await pool.query('create table if not exists bench_steps (run int, step int, result jsonb, primary key (run, step))')
  let run = 0
  return async () => {
    run++
    const values: number[] = []
    for (let step = 0; step < 10; step++) {
      const startedAt = performance.now()
      await pool.query('insert into bench_steps values ($1, $2, $3)', [run, step, '{"ok":1}'])
      values.push(performance.now() - startedAt)
    }
    return values
  }
}
