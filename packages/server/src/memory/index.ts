export { createMemoryTool } from './memory-tool.ts'
export { memoryRoutes } from './routes.ts'
export { deleteExpiredMemories, eraseMemoriesOfPerson, eraseMemoriesOfSessions } from './store.ts'
