export { createHiddenValues, type HiddenValues } from './hidden-values.ts'
export { createSecrets, type Secrets } from './create-secrets.ts'
export { handlesIn } from './handles-in.ts'
