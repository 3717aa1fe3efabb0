/** `npm run reference`: writes the reference pages that are made from the code. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCatalogue, SessionEvent } from '@causeway/contracts'
import * as z from 'zod'
import { commandsPage } from './commands-page.ts'
import { pythonFiles } from './python-sdk.ts'
import { root } from './run-command.ts'

/** The page of all errors. */
export function errorsPage(): string {
  const rows = Object.entries(errorCatalogue).map(
    ([code, { status, title, remedy, retryable }]) =>
      `| \`${code}\` | ${status} | ${title}. | ${remedy} | ${retryable ? 'yes' : 'no'} |`,
  )
  return [
    '# Errors',
    '',
    'Made from the catalogue in `packages/contracts/src/error-catalogue.ts` by `npm run reference`.',
    '',
    'The API answers errors as `application/problem+json` (RFC 9457): `code` is stable, `detail` says what happened, `remedy` what to do,',
    '`problems` names wrong places by JSON Pointer. The model routes answer in the dialect of the caller with the same codes.',
    '',
    '| code | status | what | remedy | may pass by itself |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

interface ObjectSchema {
  properties?: Record<
    string,
    { type?: string; const?: string; description?: string; properties?: Record<string, unknown> }
  >
}

/** The page of all events. */
export function eventsPage(): string {
  const schema = z.toJSONSchema(SessionEvent) as { oneOf?: ObjectSchema[]; anyOf?: ObjectSchema[] }
  const rows = (schema.oneOf ?? schema.anyOf ?? []).map(({ properties = {} }) => {
    const fields = Object.keys(properties['data']?.properties ?? {}).map(name => `\`${name}\``)
    return `| \`${properties['type']?.const}\` | ${fields.join(', ')} |`
  })
  return [
    '# Events',
    '',
    'Made from the schemas in `packages/contracts/src/events.ts` by `npm run reference`.',
    '',
    'Every event has `sequence` (from 1, without gaps, in the log of its session), `sessionId`, `runId`, `at`, `schemaVersion`, `type` and `data`.',
    'Between events a stream carries `model-started` and `text-delta`, which are never stored and have no sequence number.',
    '',
    '| type | data |',
    '| --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

/** The pages by their place in the repository. */
export const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  ...pythonFiles,
  'docs/reference/commands.md': commandsPage,
  'docs/reference/errors.md': errorsPage,
  'docs/reference/events.md': eventsPage,
}

if (import.meta.main) {
  mkdirSync(join(root, 'docs/reference'), { recursive: true })
  for (const [path, make] of Object.entries(pages)) writeFileSync(join(root, path), await make())
}
