import { allMatches, type Span } from './span.ts'

// A dot-atom before the @ (RFC 5322, section 3.4.1) and a domain name after it; the lengths are those of RFC 5321, section 4.5.3.1.
const address =
  /(?<![\w.%+-])[\w!#$%&'*+/=?^`{|}~.-]{1,64}@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.){1,8}[a-z]{2,63}(?![\w-])/giu

export const findEmails = (text: string): Span[] => (text.includes('@') ? allMatches(text, address) : [])
