import { KeyRotation, PageQuery, Secret, SecretName, SecretPage, SetSecret } from '@causeway/contracts'
import * as z from 'zod'
import { decodeCursor, type App } from '../http/index.ts'
import { rotateMasterKey } from './master-key-rotation.ts'
import { deleteOwnSecret, listOwnSecrets, setOwnSecret, type OwnSecretsDependencies } from './own-secrets.ts'

/** The platform's own secrets. Values go in and do not come out. */
export function secretRoutes(app: App, dependencies: OwnSecretsDependencies): void {
  const tags = ['secrets']
  app.get(
    '/v1/secrets',
    {
      config: { right: 'secrets:read' },
      schema: {
        tags,
        summary: 'List secrets by name, without their values',
        querystring: PageQuery,
        response: { 200: SecretPage },
      },
    },
    async ({ caller, query: { cursor, limit } }) =>
      listOwnSecrets(dependencies, caller, { after: cursor && decodeCursor(cursor), limit }),
  )
  app.put(
    '/v1/secrets/:name',
    {
      config: { right: 'secrets:write' },
      schema: {
        tags,
        summary: 'Set a secret; the value cannot be read again',
        params: z.object({ name: SecretName }),
        body: SetSecret,
        response: { 200: Secret },
      },
    },
    async ({ caller, params: { name }, body }) => setOwnSecret(dependencies, caller, name, body),
  )
  app.delete(
    '/v1/secrets/:name',
    {
      config: { right: 'secrets:write' },
      schema: {
        tags,
        summary: 'Delete a secret with all its versions',
        params: z.object({ name: z.string().max(100) }),
        response: { 200: Secret },
      },
    },
    async ({ caller, params: { name } }) => deleteOwnSecret(dependencies, caller, name),
  )
  app.post(
    '/v1/secrets/rotate-keys',
    {
      config: { right: 'secrets:write' },
      schema: {
        tags,
        summary: 'Wrap all data keys of the platform with the newest master key',
        response: { 200: KeyRotation },
      },
    },
    async ({ caller }) => rotateMasterKey(dependencies, caller),
  )
}
