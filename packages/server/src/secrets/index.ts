export { createSecrets, type Secrets } from './create-secrets.ts'
export { secretValues } from './secret-values.ts'
export type { SecretPurpose } from './secret-variables.ts'
