const secretNames = /authorization|credential|passwo?r?d|api[-_]?key|access[-_]?key|token|cookie|secret/i
const secretValues = /^(bearer|basic)\s+\S/i

/** Whether a header or query parameter of this name carries a secret. */
export const namesSecret = (name: string): boolean => secretNames.test(name)

/** Whether a header value is itself a credential. */
export const isCredential = (value: string): boolean => secretValues.test(value)

/** What is said of a secret that is written down; it never repeats the secret. */
export const handleWanted = (owner: string, name: string): string =>
  `expected a secret handle such as { secret: ${handleName(owner, name)} }, got text; ` +
  'a secret is never written in a manifest'

const handleName = (owner: string, name: string): string =>
  `${owner}_${name}`
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .slice(0, 63)

/** What is wrong with an address that carries credentials, if it does. `{placeholders}` are no credentials. */
export function urlSecretProblem(text: string): string | undefined {
  const url = URL.parse(text)
  if (!url) return undefined
  if (url.username || url.password) return 'expected a URL without user info; send credentials through a secret handle'
  const parameter = [...url.searchParams].find(([name, value]) => namesSecret(name) && value && !/^\{.*\}$/.test(value))
  return (
    parameter && `expected no secret in the URL (parameter "${parameter[0]}"); send it as a header with a secret handle`
  )
}
