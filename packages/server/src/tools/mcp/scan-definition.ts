import type { ToolFinding } from '@causeway/contracts'
import { ordersToModels } from '../../guardrails/index.ts'
import { leavesOf } from '../../labels/index.ts'
import type { ToolDefinition } from './tool-definition.ts'

/** Patterns in what a model would read as the word of the platform. What orders the model about is no description of a tool. */
const blocked: readonly [rule: string, pattern: RegExp, message: string][] = [
  ['invisible-text', /\p{Cf}|[\uFE00-\uFE0E]|(?<!\p{Emoji})\uFE0F/u, 'It has characters that nobody sees.'],
  ['control-characters', /[^\P{Cc}\n\r\t]/u, 'It has control characters, such as those of a terminal.'],
  [
    'hidden-markup',
    /<!--|<\s*(important|system|instructions?|secret|hidden|admin|assistant|user)\b|\[\/?INST\]|<\|[a-z_]+\|>/i,
    'It has markup that speaks to a model.',
  ],
  ['overrides-instructions', ordersToModels.overridesInstructions, 'It tells the model to ignore instructions.'],
  ['hides-from-user', ordersToModels.hidesFromUser, 'It tells the model to hide something from the user.'],
  [
    'steers-other-calls',
    /\b(before|after|whenever|when|each time|every time)\b[^.]{0,40}\b(using|calling|invoking|you (use|call|invoke))\b[^.]{0,60}\b(must|should|always|first|also|need to|have to|read|send|call|pass|include|copy)\b/i,
    'It tells the model what else to do when a tool is called.',
  ],
  [
    'steers-other-calls',
    /\b(instead of|in place of|rather than) (using|calling|the)\b|\b(always|must) (use|call|prefer) this tool\b|\bthis tool (replaces|supersedes|overrides)\b/i,
    'It wants to take the place of another tool.',
  ],
  [
    'wants-secrets',
    /(~|\$HOME|\/root|\/home\/\w+)\/\.(ssh|aws|config|npmrc|env|kube|gnupg)|\bid_(rsa|ed25519)\b|\/etc\/(passwd|shadow)|\.env\b|\b(api[ _-]?keys?|passwords?|credentials?|access tokens?|private keys?|conversation history|system prompt)\b[^.]{0,60}\b(here|as|into|in this|parameter|argument|field|include|append|attach|pass|send)\b|\b(include|append|attach|pass|send|copy|put|provide)\b[^.]{0,60}\b(api[ _-]?keys?|passwords?|credentials?|access tokens?|private keys?|conversation history|system prompt|contents? of the file)\b/i,
    'It wants secrets, or what was said before.',
  ],
  [
    'encoded-text',
    /\b[A-Za-z0-9+/]{120,}={0,2}(?![A-Za-z0-9+/])|(\\x[0-9a-f]{2}){8,}|(&#x?[0-9a-f]+;){4,}/i,
    'It has text in an encoding.',
  ],
  ['script', /<script\b|javascript:|data:text\/html|\bon(error|load)\s*=/i, 'It has script.'],
]

const warned: readonly [rule: string, pattern: RegExp, message: string][] = [
  ['has-link', /\bhttps?:\/\//i, 'It has links; a model may follow or repeat them.'],
  [
    'orders',
    /\b(you must|you should|make sure to|it is (critical|essential|mandatory)|IMPORTANT)\b/,
    'It gives the model orders.',
  ],
]

const plainName = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/
const schemaCharacters = 64 * 1024
const schemaDepth = 32

/** What a reviewer must see in what a server says of a tool. `known` are the names of tools that are in force from elsewhere. */
export function scanDefinition(definition: ToolDefinition, known: readonly string[]): ToolFinding[] {
  const { name, inputSchema, outputSchema } = definition
  const texts = leavesOf(JSON.parse(JSON.stringify(definition)))
  const block = (rule: string, message: string): ToolFinding => ({ severity: 'block', rule, message })
  const findings: ToolFinding[] = []
  if (!plainName.test(name))
    findings.push(
      block('strange-name', 'Its name has other characters than letters of English, digits, and "_", "-", ".".'),
    )
  for (const [rule, pattern, message] of blocked)
    if (texts.some(text => pattern.test(text))) findings.push(block(rule, message))
  const schemas = [inputSchema, ...(outputSchema ? [outputSchema] : [])]
  if (schemas.some(schema => JSON.stringify(schema).length > schemaCharacters || depthOf(schema) > schemaDepth))
    findings.push(
      block(
        'schema-too-large',
        `A schema has more than ${schemaCharacters} characters, or is nested more than ${schemaDepth} deep.`,
      ),
    )
  if (schemas.some(hasRemoteReference)) findings.push(block('remote-reference', 'A schema refers to another document.'))
  for (const [rule, pattern, message] of warned)
    if (texts.some(text => pattern.test(text))) findings.push({ severity: 'warn', rule, message })
  const shadowed = known.filter(each => sameLetters(each) === sameLetters(name))
  const named = known.filter(
    each => each.length > 3 && texts.some(text => text !== name && text.toLowerCase().includes(each)),
  )
  if (shadowed.length > 0)
    findings.push({ severity: 'warn', rule: 'shadows', message: `It is called as ${shadowed.join(', ')} is.` })
  if (named.length > 0)
    findings.push({ severity: 'warn', rule: 'names-others', message: `It speaks of ${named.join(', ')}.` })
  if (definition.annotations?.readOnlyHint)
    findings.push({ severity: 'warn', rule: 'says-it-reads', message: 'That it only reads is its own word.' })
  return findings
}

/** Whether no text in what a server lists speaks to a model or hides from people. */
export const saysNothingHidden = (listed: object): boolean =>
  leavesOf(JSON.parse(JSON.stringify(listed))).every(text => !blocked.some(([, pattern]) => pattern.test(text)))

const sameLetters = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

const hasRemoteReference = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).some(
    ([key, inside]) =>
      ((key === '$ref' || key === '$dynamicRef') && typeof inside === 'string' && !inside.startsWith('#')) ||
      hasRemoteReference(inside),
  )
