import * as z from 'zod'

export const namePattern = /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/

/** Name of a manifest: lower-case words joined by hyphens or underscores, at most 63 characters. */
export const Name = z
  .string()
  .regex(namePattern, 'expected lower-case words joined by hyphens or underscores, for example "lookup-order"')
  .max(63)

const plainSecret = String.raw`[A-Z][A-Z0-9_]{0,62}`

// No segment of a path may be empty or begin with a dot, so that none leads out of the folder of an environment.
const externalSecret = String.raw`(vault|aws|gcp):[A-Za-z0-9_-][\w.@+=-]*(\/[A-Za-z0-9_-][\w.@+=-]*)*(#[\w.-]{1,100})?`

/** A secret in the platform's own store or in an environment variable. */
export const SecretName = z
  .string()
  .regex(RegExp(`^${plainSecret}$`), 'expected the name of a secret, for example ORDERS_API_KEY')
export type SecretName = z.infer<typeof SecretName>

/**
 * A secret is never written down: a manifest names it and the server finds the value where the operator keeps it. A plain name
 * stands in the platform's own store or in an environment variable; `vault:orders#key` is the field `key` of `orders` in Vault.
 */
export const SecretHandle = z.strictObject({
  secret: z
    .string()
    .max(300)
    .regex(
      RegExp(`^(${plainSecret}|${externalSecret})$`),
      'expected the name of a secret, for example ORDERS_API_KEY or vault:orders#key',
    ),
})
export type SecretHandle = z.infer<typeof SecretHandle>

/** A JSON Schema document (2020-12) whose root describes an object. */
export const JsonSchema = z.record(z.string(), z.unknown())
export type JsonSchema = z.infer<typeof JsonSchema>

/** An instant in RFC 3339 form, UTC. */
export const Instant = z.iso.datetime()
