export { createSecrets, type SecretPurpose, type Secrets } from './create-secrets.ts'
