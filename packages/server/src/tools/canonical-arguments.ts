import { posix } from 'node:path'
import { domainToASCII } from 'node:url'
import { CausewayError, type JsonSchema } from '@causeway/contracts'

/**
 * The one form of a value that is decided on, recorded and sent, so that two ways of writing it are never judged apart.
 * Throws a text with what is wrong with a value that has none.
 */
type CanonicalForm = (text: string) => string

const controls = /\p{Cc}/u
/** Characters that nobody sees: format controls, variation selectors and tags. */
const invisible = /[\p{Cf}\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/gu

/** Formats of JSON Schema and of ours (`iban`, `path`, `amount`) that have one form. */
export const canonicalForms: Readonly<Record<string, CanonicalForm>> = {
  email: canonicalAddress,
  'idn-email': canonicalAddress,
  uri: canonicalUrl,
  iri: canonicalUrl,
  iban: canonicalIban,
  path: canonicalPath,
  amount: canonicalAmount,
}

const depthAtMost = 32

/**
 * Brings arguments into their one form.
 * @throws CausewayError invalid-tool-arguments for a value that its format does not allow
 */
export function canonicalArguments(input: JsonSchema, values: Record<string, unknown>): Record<string, unknown> {
  return canonicalValue(input, values, '', 0) as Record<string, unknown>
}

function canonicalValue(schema: unknown, value: unknown, pointer: string, depth: number): unknown {
  if (depth > depthAtMost)
    throw new CausewayError('invalid-tool-arguments', `${pointer} is nested more than ${depthAtMost} deep.`)
  if (typeof value === 'string') return canonicalText(schema, value, pointer)
  if (Array.isArray(value))
    return value.map((each, index) => canonicalValue(memberOf(schema, 'items'), each, `${pointer}/${index}`, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  const properties = memberOf(schema, 'properties')
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      canonicalValue(
        memberOf(properties, key) ?? memberOf(schema, 'additionalProperties'),
        each,
        `${pointer}/${key}`,
        depth + 1,
      ),
    ]),
  )
}

function canonicalText(schema: unknown, text: string, pointer: string): string {
  const format = memberOf(schema, 'format')
  const form = typeof format === 'string' && Object.hasOwn(canonicalForms, format) ? canonicalForms[format] : undefined
  if (!form) return text.replaceAll(invisible, '')
  try {
    return form(text.normalize('NFKC').replaceAll(invisible, '').trim())
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CausewayError('invalid-tool-arguments', `${pointer} ${why}`, { cause: error })
  }
}

const memberOf = (schema: unknown, key: string): unknown =>
  typeof schema === 'object' && schema !== null && Object.hasOwn(schema, key) ? Reflect.get(schema, key) : undefined

/** One mailbox without display name, quotes and comments (RFC 5321 section 4.1.2, dot-string), its domain in A-labels. */
function canonicalAddress(text: string): string {
  const [local = '', domain = '', ...more] = text.split('@')
  if (more.length > 0 || !/^[\w.!#$%&'*+/=?^`{|}~-]{1,64}$/.test(local) || /^\.|\.\.|\.$/.test(local))
    throw new Error('is not one mail address')
  const ascii = domainToASCII(domain).toLowerCase()
  if (!/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(ascii)) throw new Error('has no domain of mail')
  return `${local}@${ascii}`
}

/** As the URL standard serialises it (https://url.spec.whatwg.org), which is as clients read it. */
function canonicalUrl(text: string): string {
  if (controls.test(text) || text.includes('\\')) throw new Error('has characters that a URL does not have')
  if (!URL.canParse(text)) throw new Error('is not a URL')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') throw new Error('has user info in front of the host')
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1)
  return url.href
}

/** Without spaces, in capitals, with a right check sum (ISO 13616, ISO 7064 mod 97-10). */
function canonicalIban(text: string): string {
  const iban = text.replaceAll(/[\s-]/g, '').toUpperCase()
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) throw new Error('is not an IBAN')
  const digits = `${iban.slice(4)}${iban.slice(0, 4)}`.replaceAll(/[A-Z]/g, letter => String(letter.charCodeAt(0) - 55))
  let rest = 0
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97
  if (rest !== 1) throw new Error('is an IBAN with a wrong check sum')
  return iban
}

/** Relative to a root that it does not leave, with single slashes and without `.` and `..`. */
function canonicalPath(text: string): string {
  if (controls.test(text) || text.includes('\\')) throw new Error('has characters that a path does not have')
  if (/%(2e|2f|5c|00)/i.test(text)) throw new Error('has encoded dots or slashes')
  const path = posix.normalize(text)
  if (path === '..' || path.startsWith('../')) throw new Error('leads out of its folder')
  return path
}

/** Digits with a point, without separators of thousands, currency and needless zeros. */
function canonicalAmount(text: string): string {
  const [, whole = '', cents = ''] = /^(\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(\.\d{1,4})?$/.exec(text) ?? []
  if (whole === '') throw new Error('is not an amount such as 1200.50')
  const digits = whole.replaceAll(',', '').replace(/^0+(?=\d)/, '')
  const fraction = cents.replace(/0+$/, '')
  return fraction === '.' || fraction === '' ? digits : digits + fraction
}
