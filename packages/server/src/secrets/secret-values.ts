import { isSecretVariable } from './secret-variables.ts'

/** Shorter values would tear holes into innocent text. */
export const redactedFrom = 6

/** Every value of the environment that is a secret, the longest first, so that logs can be kept clear of them. */
export function secretValues(environment: Readonly<Record<string, string | undefined>>): string[] {
  const values = Object.entries(environment).flatMap(([name, value = '']) => {
    if (isSecretVariable(name)) return [value]
    return name === 'DATABASE_URL' || name === 'REDIS_URL' ? passwordsIn(value) : []
  })
  return values.filter(value => value.length >= redactedFrom).toSorted((one, other) => other.length - one.length)
}

function passwordsIn(url: string): string[] {
  if (!URL.canParse(url)) return []
  const { password } = new URL(url)
  return password === '' ? [] : [password, decodeURIComponent(password)]
}
