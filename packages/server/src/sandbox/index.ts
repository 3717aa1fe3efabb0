export { createSandbox } from './create-sandbox.ts'
export { SandboxBusyError, type Sandbox, type SandboxEnd, type SandboxLimits } from './sandbox.ts'
