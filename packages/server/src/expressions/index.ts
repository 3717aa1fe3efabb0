export { createExpressions, type Expressions } from './create-expressions.ts'
