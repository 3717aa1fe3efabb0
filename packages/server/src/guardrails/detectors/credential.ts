import { allMatches, type Span } from './span.ts'

/** Marks by which the services themselves say that their keys can be told. */
const prefixed = [
  /(?<![\w-])(?:AKIA|ASIA)[A-Z2-7]{16}(?!\w)/g,
  /(?<![\w-])AIza[\w-]{35}(?![\w-])/g,
  /(?<![\w-])gh[pousr]_[A-Za-z\d]{36,255}(?!\w)/g,
  /(?<![\w-])github_pat_\w{82}(?!\w)/g,
  /(?<![\w-])glpat-[\w-]{20,64}(?![\w-])/g,
  /(?<![\w-])xox[abeoprs]-[\dA-Za-z-]{10,250}(?![\w-])/g,
  /(?<![\w-])sk-(?:[a-z]{2,12}-|[a-z]{2,5}\d{2}-){0,3}[\w-]{20,250}(?![\w-])/g,
  /(?<![\w-])(?:sk|rk)_(?:live|test)_[\dA-Za-z]{10,250}(?!\w)/g,
  /(?<![\w-])npm_[A-Za-z\d]{36}(?!\w)/g,
  /(?<![\w-])hf_[A-Za-z]{34}(?!\w)/g,
  /(?<![\w-])cw_[\w-]{20,250}(?![\w-])/g,
  // JSON Web Tokens: the header begins with {" in base64url (RFC 7519).
  /(?<![\w-])eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,2000}(?![\w-])/g,
]

const keyBegin = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/g
const keyEnd = /-----END [A-Z ]{0,30}PRIVATE KEY-----/g

/** Keys and tokens of well-known services, and private keys (RFC 7468). */
export const findCredentials = (text: string): Span[] => [
  ...prefixed.flatMap(pattern => allMatches(text, pattern)),
  ...privateKeys(text),
]

function privateKeys(text: string): Span[] {
  const ends = text.includes('PRIVATE KEY-----') ? allMatches(text, keyEnd) : []
  // One whose end is missing goes up to the end of the text.
  let next = 0
  return allMatches(text, keyBegin).map(({ from, to }) => {
    while (next < ends.length && (ends[next]?.from ?? 0) < to) next++
    return { from, to: ends[next]?.to ?? text.length }
  })
}
