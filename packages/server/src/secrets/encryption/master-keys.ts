import { SecretStoreError } from '../secret-store.ts'
import { createKeyFile, prependKey, readKeyFile } from './key-file.ts'
import { masterKeyFrom, newMasterKeyText, type MasterKey } from './master-key.ts'

/** The master keys that this replica has, the newest first. */
export interface MasterKeys {
  /** Made now where there is none yet. @throws SecretStoreError where the file cannot be used */
  newestOrMade(): MasterKey
  /** @throws SecretStoreError where this replica does not have it */
  find(id: string): MasterKey
  /** Makes one that is the newest from now on. Undefined where the operator sets them. */
  make(): MasterKey | undefined
}

interface MasterKeysOptions {
  /** Base64 texts from the settings, the newest first. Where there are none the keys stand in the file. */
  configured: readonly string[]
  /** A key a line, the newest first. */
  path: string
}

export function createMasterKeys({ configured, path }: MasterKeysOptions): MasterKeys {
  const fixed = configured.flatMap(text => masterKeyFrom(text) ?? [])
  let inFile: MasterKey[] = []
  const read = (): MasterKey[] => {
    if (fixed.length > 0) return fixed
    inFile = readKeyFile(path).map(text => {
      const key = masterKeyFrom(text)
      if (!key) throw new SecretStoreError(`${path} has a line that is no master key (32 bytes in base64). Restore it.`)
      return key
    })
    return inFile
  }
  const among = (keys: readonly MasterKey[], id: string): MasterKey | undefined => keys.find(key => key.id === id)

  return {
    newestOrMade() {
      const [known] = read()
      if (known) return known
      createKeyFile(path, newMasterKeyText())
      const [made] = read()
      if (made) return made
      throw new SecretStoreError(`${path} is empty. Put back what it held, or set CAUSEWAY_MASTER_KEY.`)
    },
    find(id) {
      const key = among(fixed.length > 0 ? fixed : inFile, id) ?? among(read(), id)
      if (key) return key
      const where = fixed.length > 0 ? 'CAUSEWAY_MASTER_KEY_PREVIOUS' : `CAUSEWAY_MASTER_KEY, or put it into ${path}`
      throw new SecretStoreError(
        `It is encrypted under the master key ${id}, which this replica does not have: set ${where}.`,
      )
    },
    make() {
      if (fixed.length > 0) return undefined
      prependKey(path, newMasterKeyText())
      return read()[0]
    },
  }
}
