import * as z from 'zod'

export const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

/** Name of a manifest: lower-case words joined by hyphens, at most 63 characters. */
export const Name = z
  .string()
  .regex(namePattern, 'expected lower-case words joined by hyphens, for example "lookup-order"')
  .max(63)

/** A secret is never written down: a manifest names it and the server finds the value where the operator keeps it. */
export const SecretHandle = z.strictObject({
  secret: z.string().regex(/^[A-Z][A-Z0-9_]{0,62}$/, 'expected the name of a secret, for example ORDERS_API_KEY'),
})
export type SecretHandle = z.infer<typeof SecretHandle>

/** A JSON Schema document (2020-12) whose root describes an object. */
export const JsonSchema = z.record(z.string(), z.unknown())
export type JsonSchema = z.infer<typeof JsonSchema>

/** An instant in RFC 3339 form, UTC. */
export const Instant = z.iso.datetime()
