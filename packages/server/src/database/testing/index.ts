export { startTestChild, type TestChild } from './child-process.ts'
export { createTestStore, databaseKinds, openTestDatabase, type DatabaseKind, type TestStore } from './test-store.ts'
