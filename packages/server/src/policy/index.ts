export { createPolicy, type Policy } from './create-policy.ts'
export type { AgentReach, CallFlow } from './call-rules.ts'
export type { DecisionRequest } from './decide.ts'
export { checkPolicy } from './test-policy.ts'
