import type { Pool } from 'pg'
import { installOnDemand } from '../install-on-demand.ts'

type Node = (state: { step: number }) => Promise<{ step: number }>

interface Graph {
  addNode(name: string, node: Node): Graph
  addEdge(from: string, to: string): Graph
  addConditionalEdges(from: string, choose: (state: { step: number }) => string): Graph
  compile(options: object): { invoke(input: object, options: object): Promise<{ step: number }> }
}

/** As much of LangGraph.js as is used here. */
interface LangGraph {
  START: string
  END: string
  Annotation: (() => unknown) & { Root(channels: object): object }
  StateGraph: new (state: object) => Graph
}

interface Checkpoints {
  PostgresSaver: new (pool: Pool) => { setup(): Promise<void> }
}

/** The ten-step agent in LangGraph.js with its PostgreSQL checkpointer: a model node and a tool node that answer at once, in turn. */
export async function langGraphSteps(pool: Pool): Promise<() => Promise<number[]>> {
  const [graphs, checkpoints] = await installOnDemand({
    '@langchain/langgraph': '1.7.3',
    '@langchain/langgraph-checkpoint-postgres': '1.0.5',
    '@langchain/core': '1.4.0',
  })
  const { START, END, Annotation, StateGraph } = graphs as LangGraph
  const { PostgresSaver } = checkpoints as Checkpoints
  const checkpointer = new PostgresSaver(pool)
  await checkpointer.setup()
  const agent = new StateGraph(Annotation.Root({ step: Annotation() }))
    .addNode('model', async ({ step }) => ({ step }))
    .addNode('tool', async ({ step }) => ({ step: step + 1 }))
    .addEdge(START, 'model')
    .addConditionalEdges('model', ({ step }) => (step < 10 ? 'tool' : END))
    .addEdge('tool', 'model')
    .compile({ checkpointer })
  let threads = 0
  return async () => {
    const startedAt = performance.now()
    const config = { configurable: { thread_id: `thread-${++threads}` }, recursionLimit: 50 }
    const { step } = await agent.invoke({ step: 0 }, config)
    if (step !== 10) throw new Error(`the graph ended at step ${step}`)
    return [(performance.now() - startedAt) / 10]
  }
}
