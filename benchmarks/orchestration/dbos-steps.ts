import type { Pool } from 'pg'
import { installOnDemand } from '../install-on-demand.ts'

/** As much of DBOS Transact as is used here. */
interface Dbos {
  DBOS: {
    setConfig(config: object): void
    launch(): Promise<void>
    shutdown(): Promise<void>
    registerWorkflow<Result>(workflow: () => Promise<Result>, options: { name: string }): () => Promise<Result>
    runStep<Result>(step: () => Promise<Result>, options: { name: string }): Promise<Result>
  }
}

let workflows = 0

export interface DbosSteps extends AsyncDisposable {
  /** @returns milliseconds a step of the agent: one of the model and one of the tool */
  measure: () => Promise<number[]>
}

/** The ten-step agent as a workflow of DBOS Transact on the same pool: ten times a model step and a tool step that answer at once. */
export async function dbosSteps(pool: Pool): Promise<DbosSteps> {
  const [dbos] = await installOnDemand({ '@dbos-inc/dbos-sdk': '5.3.0' })
  const { DBOS } = dbos as Dbos
  const workflow = DBOS.registerWorkflow(
    async () => {
      const values: number[] = []
      for (let step = 0; step < 10; step++) {
        const startedAt = performance.now()
        await DBOS.runStep(async () => ({ step }), { name: 'model' })
        await DBOS.runStep(async () => ({ ok: 1 }), { name: 'tool' })
        values.push(performance.now() - startedAt)
      }
      return values
    },
    // Names are registered once for the process, which measures two databases.
    { name: `ten-steps-${++workflows}` },
  )
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: 'postgresql://postgres@localhost/postgres',
    systemDatabasePool: pool,
    executorID: 'bench',
    applicationVersion: '1',
    logLevel: 'error',
  })
  await DBOS.launch()
  return { measure: () => workflow(), [Symbol.asyncDispose]: () => DBOS.shutdown() }
}
