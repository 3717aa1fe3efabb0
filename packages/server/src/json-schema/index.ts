export { foreignMismatch } from './foreign-schema.ts'
export { compile, mismatch } from './json-schema.ts'
export { schemaProblems } from './schema-problems.ts'
