import { CausewayError, type SecretHandle } from '@causeway/contracts'
import { redactedFrom } from './secret-values.ts'
import { variablesOf, type SecretPurpose } from './secret-variables.ts'

/** Finds the values of secrets where the operator keeps them, at the last moment before they are used. */
export interface Secrets {
  /** @throws CausewayError secret-not-found */
  resolve(handle: SecretHandle, purpose: SecretPurpose): string
  /** Takes every value that was resolved out of a text, for errors and events. */
  redact(text: string): string
}

/** Secrets in environment variables: `CAUSEWAY_SECRET_<NAME>`; for providers also the names that their own clients use. */
export function createSecrets({ environment }: { environment: Readonly<Record<string, string | undefined>> }): Secrets {
  // The longest first: one value may be the beginning of another.
  let resolved: string[] = []
  const remember = (value: string): void => {
    if (value.length < redactedFrom || resolved.includes(value)) return
    resolved = [...resolved, value].toSorted((one, other) => other.length - one.length)
  }
  return {
    resolve({ secret }, purpose) {
      const names = variablesOf(secret, purpose)
      const value = names.map(name => environment[name]).find(each => each !== undefined && each !== '')
      if (value === undefined)
        throw new CausewayError('secret-not-found', `The secret ${secret} has no value: set ${names.join(' or ')}.`)
      remember(value)
      return value
    },
    redact: text => resolved.reduce((clean, value) => clean.replaceAll(value, '[secret]'), text),
  }
}
