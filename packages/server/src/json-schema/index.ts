export { foreignMismatch } from './foreign-schema.ts'
export { mismatch } from './json-schema.ts'
export { schemaProblems } from './schema-problems.ts'
