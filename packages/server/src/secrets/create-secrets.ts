import { CausewayError, type SecretHandle } from '@causeway/contracts'

/** Finds the values of secrets where the operator keeps them, at the last moment before they are used. */
export interface Secrets {
  /** @throws CausewayError secret-not-found */
  resolve(handle: SecretHandle, purpose: SecretPurpose): string
  /** Takes every value that was resolved out of a text, for errors and logs. */
  redact(text: string): string
}

/** What a secret is used for: a tool never gets the key of a model provider. */
export type SecretPurpose = 'provider' | 'tool'

const providerKeys: readonly string[] = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY']

/** Shorter values would tear holes into innocent text. */
const redactedFrom = 6

/** Secrets in environment variables: `CAUSEWAY_SECRET_<NAME>`; for providers also the names that their own clients use. */
export function createSecrets({ environment }: { environment: Readonly<Record<string, string | undefined>> }): Secrets {
  const resolved = new Set<string>()
  return {
    resolve({ secret }, purpose) {
      const names = [`CAUSEWAY_SECRET_${secret}`, ...(purpose === 'provider' && providerKeys.includes(secret) ? [secret] : [])]
      const value = names.map(name => environment[name]).find(each => each !== undefined && each !== '')
      if (value === undefined) throw new CausewayError('secret-not-found', `The secret ${secret} has no value: set ${names.join(' or ')}.`)
      if (value.length >= redactedFrom) resolved.add(value)
      return value
    },
    redact(text) {
      let clean = text
      for (const value of resolved) clean = clean.replaceAll(value, '[secret]')
      return clean
    },
  }
}
