export { startTestChild, type TestChild } from './child-process.ts'
export {
  createTestStore,
  anyKind,
  databaseKinds,
  openTestDatabase,
  type DatabaseKind,
  type TestStore,
} from './test-store.ts'
