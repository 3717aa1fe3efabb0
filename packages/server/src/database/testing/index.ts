export { createTestStore, databaseKinds, openTestDatabase, type DatabaseKind, type TestStore } from './test-store.ts'
