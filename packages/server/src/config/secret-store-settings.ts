import * as z from 'zod'

const isMasterKey = (text: string): boolean =>
  Buffer.from(text, 'base64').length === 32 && z.base64().safeParse(text).success
const masterKeyWanted = '32 bytes in base64, as "openssl rand -base64 32" prints them'

/** The variables of the stores of secrets. */
export const secretStoreVariables = {
  CAUSEWAY_MASTER_KEY: z.string().refine(isMasterKey, masterKeyWanted).optional(),
  CAUSEWAY_MASTER_KEY_PREVIOUS: z
    .string()
    .transform(text => text.split(',').map(each => each.trim()))
    .refine(texts => texts.every(isMasterKey), `${masterKeyWanted}, with commas between`)
    .optional(),
}

/** What the operator sets of the stores of secrets. */
export interface SecretStoreSettings {
  /** Base64 texts, the newest first. Where there are none the keys stand in the data folder. */
  masterKeys: readonly string[]
}

export const secretStoreSettings = (
  variables: z.infer<z.ZodObject<typeof secretStoreVariables>>,
): SecretStoreSettings => ({
  masterKeys: variables.CAUSEWAY_MASTER_KEY
    ? [variables.CAUSEWAY_MASTER_KEY, ...(variables.CAUSEWAY_MASTER_KEY_PREVIOUS ?? [])]
    : [],
})
