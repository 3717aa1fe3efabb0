import * as z from 'zod'

const isMasterKey = (text: string): boolean =>
  Buffer.from(text, 'base64').length === 32 && z.base64().safeParse(text).success
const masterKeyWanted = '32 bytes in base64, as "openssl rand -base64 32" prints them'
const address = z
  .url({ protocol: /^https?$/, error: 'an http or https address' })
  .transform(text => text.replace(/\/+$/, ''))
const words = z.string().min(1).max(4000)
const folder = z.string().regex(/^[\w./{}-]*$/, 'a path that may hold {organisation} and {environment}')
const folderOfEnvironment = 'causeway/{organisation}/{environment}'

/** The variables of the stores of secrets. Those of Vault and AWS have the names that their own tools use, where there are such. */
export const secretStoreVariables = {
  CAUSEWAY_MASTER_KEY: z.string().refine(isMasterKey, masterKeyWanted).optional(),
  CAUSEWAY_MASTER_KEY_PREVIOUS: z
    .string()
    .transform(text => text.split(',').map(each => each.trim()))
    .refine(texts => texts.every(isMasterKey), `${masterKeyWanted}, with commas between`)
    .optional(),
  VAULT_ADDR: address.optional(),
  VAULT_NAMESPACE: words.optional(),
  VAULT_TOKEN: words.optional(),
  CAUSEWAY_VAULT_ROLE_ID: words.optional(),
  CAUSEWAY_VAULT_SECRET_ID: words.optional(),
  CAUSEWAY_VAULT_KUBERNETES_ROLE: words.optional(),
  CAUSEWAY_VAULT_AUTH_MOUNT: folder.optional(),
  CAUSEWAY_VAULT_MOUNT: folder.default('secret'),
  CAUSEWAY_VAULT_FOLDER: folder.default(folderOfEnvironment),
  CAUSEWAY_AWS_SECRETS_REGION: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'an AWS region such as eu-central-1')
    .optional(),
  CAUSEWAY_AWS_SECRETS_FOLDER: folder.default(folderOfEnvironment),
  AWS_ENDPOINT_URL_SECRETS_MANAGER: address.optional(),
  AWS_ACCESS_KEY_ID: words.optional(),
  AWS_SECRET_ACCESS_KEY: words.optional(),
  AWS_SESSION_TOKEN: words.optional(),
  AWS_CONTAINER_CREDENTIALS_FULL_URI: address.optional(),
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: words.optional(),
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: words.optional(),
  CAUSEWAY_GCP_SECRETS_PROJECT: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'the id of a Google Cloud project')
    .optional(),
  CAUSEWAY_GCP_SECRETS_FOLDER: folder.default('causeway_{organisation}_{environment}_'),
}

type Variables = z.infer<z.ZodObject<typeof secretStoreVariables>>

/** What the operator sets of the stores of secrets. */
export interface SecretStoreSettings {
  /** Base64 texts, the newest first. Where there are none the keys stand in the data folder. */
  masterKeys: readonly string[]
  vault: ReturnType<typeof vaultSettings>
  aws: ReturnType<typeof awsSettings>
  gcp: ReturnType<typeof gcpSettings>
}

export const secretStoreSettings = (variables: Variables): SecretStoreSettings => ({
  masterKeys: variables.CAUSEWAY_MASTER_KEY
    ? [variables.CAUSEWAY_MASTER_KEY, ...(variables.CAUSEWAY_MASTER_KEY_PREVIOUS ?? [])]
    : [],
  vault: vaultSettings(variables),
  aws: awsSettings(variables),
  gcp: gcpSettings(variables),
})

function vaultSettings(variables: Variables) {
  const login = vaultLogin(variables)
  if (!variables.VAULT_ADDR || !login) return undefined
  return {
    address: variables.VAULT_ADDR,
    namespace: variables.VAULT_NAMESPACE,
    mount: variables.CAUSEWAY_VAULT_MOUNT,
    folder: variables.CAUSEWAY_VAULT_FOLDER,
    login,
  }
}

function vaultLogin(variables: Variables) {
  const {
    CAUSEWAY_VAULT_ROLE_ID: roleId,
    CAUSEWAY_VAULT_SECRET_ID: secretId,
    CAUSEWAY_VAULT_AUTH_MOUNT: mount,
  } = variables
  if (roleId && secretId) return { type: 'approle' as const, mount: mount ?? 'approle', roleId, secretId }
  if (variables.CAUSEWAY_VAULT_KUBERNETES_ROLE)
    return {
      type: 'kubernetes' as const,
      mount: mount ?? 'kubernetes',
      role: variables.CAUSEWAY_VAULT_KUBERNETES_ROLE,
      tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
    }
  return variables.VAULT_TOKEN ? { type: 'token' as const, token: variables.VAULT_TOKEN } : undefined
}

function awsSettings(variables: Variables) {
  const region = variables.CAUSEWAY_AWS_SECRETS_REGION
  const credentials = awsCredentials(variables)
  if (!region || !credentials) return undefined
  return {
    region,
    endpoint: variables.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? `https://secretsmanager.${region}.amazonaws.com`,
    folder: variables.CAUSEWAY_AWS_SECRETS_FOLDER,
    credentials,
  }
}

function awsCredentials(variables: Variables) {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = variables
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken: variables.AWS_SESSION_TOKEN }
  const relative = variables.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  // The address at which ECS serves the credentials of a task.
  const containerUrl = relative ? `http://169.254.170.2${relative}` : variables.AWS_CONTAINER_CREDENTIALS_FULL_URI
  return containerUrl && { containerUrl, tokenFile: variables.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE }
}

function gcpSettings(variables: Variables) {
  const project = variables.CAUSEWAY_GCP_SECRETS_PROJECT
  if (!project) return undefined
  return { project, endpoint: 'https://secretmanager.googleapis.com', folder: variables.CAUSEWAY_GCP_SECRETS_FOLDER }
}
