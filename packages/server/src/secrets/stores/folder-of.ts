import type { Database, Scope } from '../../database/index.ts'
import { SecretStoreError } from '../secret-store.ts'
import { findNames } from '../store.ts'

/** Where the secrets of an environment lie in a store outside. */
export type FolderOf = (scope: Scope) => Promise<string>

const plainName = /^[A-Za-z0-9][A-Za-z0-9_-]*$/

/** @param template may hold `{organisation}` and `{environment}` for their names */
export function createFolderOf({ database, template }: { database: Database; template: string }): FolderOf {
  // Organisations and environments are few, and they keep their names.
  const folders = new Map<string, string>()
  return async scope => {
    const known = folders.get(scope.environmentId)
    if (known !== undefined) return known
    const names = await findNames(database.kysely, scope)
    const folder = template.replaceAll(
      /\{(organisation|environment)\}/g,
      (_all, what: 'organisation' | 'environment') => {
        // Two hyphens stand in no name, so that harbour/dev has a folder that nothing else has.
        const name = (names?.[what] ?? '').replace('/', '--')
        // Another name could lead into the folder of somebody else.
        if (plainName.test(name)) return name
        throw new SecretStoreError(
          `The ${what} "${name}" cannot stand in the path of a secret: only letters, digits and hyphens can.`,
        )
      },
    )
    folders.set(scope.environmentId, folder)
    return folder
  }
}
