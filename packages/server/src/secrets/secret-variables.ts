const prefix = 'CAUSEWAY_SECRET_'

/** Keys of model providers also stand under the names that their own clients use. */
const providerKeys: readonly string[] = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY']

/** Whether a name is the one that a model provider's own client has for its key. */
export const isProviderKey = (name: string): boolean => providerKeys.includes(name)

/** What a secret is used for: a tool never gets the key of a model provider. */
export type SecretPurpose = 'provider' | 'tool'

/** The environment variables in which a secret may stand, the first that is set counts. */
export const variablesOf = (secret: string, purpose: SecretPurpose): string[] => [
  `${prefix}${secret}`,
  ...(purpose === 'provider' && isProviderKey(secret) ? [secret] : []),
]

/** What opens the stores of secrets. */
const storeKeys: readonly string[] = [
  'CAUSEWAY_MASTER_KEY',
  'CAUSEWAY_MASTER_KEY_PREVIOUS',
  'VAULT_TOKEN',
  'CAUSEWAY_VAULT_SECRET_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
]

/** Whether an environment variable holds a secret. */
export const isSecretVariable = (name: string): boolean =>
  name.startsWith(prefix) || isProviderKey(name) || storeKeys.includes(name)
