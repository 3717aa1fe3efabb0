import { join } from 'node:path'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { installPeer } from '../install-on-demand.ts'

interface Step {
  id: string
  inputSchema: z.ZodType
  outputSchema: z.ZodType
  execute(context: { inputData: { step: number } }): Promise<{ step: number }>
}

interface Workflow {
  then(step: Step): Workflow
  commit(): Workflow
  createRun(options?: object): Promise<{ start(options: object): Promise<{ status: string }> }>
}

interface Workflows {
  createStep(step: Step): Step
  createWorkflow(options: object): Workflow
}

interface Mastra {
  Mastra: new (options: object) => { getWorkflow(id: string): Workflow }
}

interface Stores {
  PostgresStore: new (options: object) => { close(): Promise<void> }
}

export interface MastraSteps extends AsyncDisposable {
  measure: () => Promise<number[]>
}

/** The ten-step agent as a Mastra workflow on its PostgreSQL store: ten times a model step and a tool step that answer at once. */
export async function mastraSteps(url: string): Promise<MastraSteps> {
  const home = installPeer({ '@mastra/core': '1.71.0', '@mastra/pg': '1.27.1', zod: '4.6.7' })
  const { resolve } = createRequire(join(home, 'package.json'))
  const load = (name: string): Promise<unknown> => import(pathToFileURL(resolve(name)).href)
  const [{ Mastra }, { createStep, createWorkflow }, { PostgresStore }] = (await Promise.all(
    ['@mastra/core', '@mastra/core/workflows', '@mastra/pg'].map(load),
  )) as [Mastra, Workflows, Stores]
  const shape = z.object({ step: z.number() })
  const schemas = { inputSchema: shape, outputSchema: shape }
  const steps = Array.from({ length: 10 }, (_, index) => [
    createStep({ id: `model-${index}`, ...schemas, execute: async ({ inputData }) => inputData }),
    createStep({ id: `tool-${index}`, ...schemas, execute: async ({ inputData }) => ({ step: inputData.step + 1 }) }),
  ]).flat()
  const workflow = steps
    .reduce((flow, step) => flow.then(step), createWorkflow({ id: 'ten-steps', ...schemas }))
    .commit()
  const storage = new PostgresStore({ id: 'bench', connectionString: url })
  const mastra = new Mastra({ workflows: { 'ten-steps': workflow }, storage, logger: false })
  const registered = mastra.getWorkflow('ten-steps')
  return {
    async measure() {
      const startedAt = performance.now()
      const { status } = await (await registered.createRun()).start({ inputData: { step: 0 } })
      if (status !== 'success') throw new Error(`the workflow ended as ${status}`)
      return [(performance.now() - startedAt) / 10]
    },
    [Symbol.asyncDispose]: () => storage.close(),
  }
}
