import type { Database } from '../../database/index.ts'
import type { ExternalStoreName, SecretStore } from '../secret-store.ts'
import { createAwsSecretsManager, type AwsSecretsSettings } from './aws-secrets-manager.ts'
import { createFolderOf } from './folder-of.ts'
import { createGcpSecretManager, type GcpSecretsSettings } from './gcp-secret-manager.ts'
import { createVault, type VaultSettings } from './vault/index.ts'

/** A store and the folder in it, which may hold `{organisation}` and `{environment}`. */
type InFolder<Settings> = Settings & { folder: string }

/** The stores outside that the operator has set up. */
export interface ExternalStoreSettings {
  vault?: InFolder<VaultSettings> | undefined
  aws?: InFolder<AwsSecretsSettings> | undefined
  gcp?: InFolder<GcpSecretsSettings> | undefined
}

export function createExternalStores(
  database: Database,
  { vault, aws, gcp }: ExternalStoreSettings,
): Partial<Record<ExternalStoreName, SecretStore>> {
  const folderOf = (template: string) => createFolderOf({ database, template })
  return {
    ...(vault && { vault: createVault({ settings: vault, folderOf: folderOf(vault.folder) }) }),
    ...(aws && { aws: createAwsSecretsManager({ settings: aws, folderOf: folderOf(aws.folder) }) }),
    ...(gcp && { gcp: createGcpSecretManager({ settings: gcp, folderOf: folderOf(gcp.folder) }) }),
  }
}
