const prefix = 'CAUSEWAY_SECRET_'

/** Keys of model providers also stand under the names that their own clients use. */
const providerKeys: readonly string[] = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY']

/** What a secret is used for: a tool never gets the key of a model provider. */
export type SecretPurpose = 'provider' | 'tool'

/** The environment variables in which a secret may stand, the first that is set counts. */
export const variablesOf = (secret: string, purpose: SecretPurpose): string[] => [
  `${prefix}${secret}`,
  ...(purpose === 'provider' && providerKeys.includes(secret) ? [secret] : []),
]

/** Whether an environment variable holds a secret. */
export const isSecretVariable = (name: string): boolean => name.startsWith(prefix) || providerKeys.includes(name)
