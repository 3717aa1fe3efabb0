import { A2A_CONTENT_TYPE, StreamResponse, type AuthenticationInfo, type TaskPushNotificationConfig } from '@a2a-js/sdk'
import { CausewayError, hasEnded } from '@causeway/contracts'
import * as z from 'zod'
import { findRun } from '../../agents/index.ts'
import type { Database, Scope } from '../../database/index.ts'
import type { Egress } from '../../egress/index.ts'
import type { SealedTexts } from '../../secrets/index.ts'
import type { OtherMessages } from '../../webhooks/index.ts'
import { currentTask } from './current-task.ts'
import { deletePush, findPush, listPushes, tellAtOnce, upsertPush, type PushRow } from './push-store.ts'

/** Where clients want to be told how their tasks stand (A2A 1.0, section 4.3). What goes there is a message like those to webhooks. */
export interface Pushes extends OtherMessages {
  /**
   * Tells a client from now on; at once where the task waits for somebody or has ended already.
   * @throws CausewayError invalid-request, egress-denied
   */
  add(scope: Scope, config: TaskPushNotificationConfig): Promise<TaskPushNotificationConfig>
  get(scope: Scope, taskId: string, id: string): Promise<TaskPushNotificationConfig | undefined>
  list(scope: Scope, taskId: string): Promise<TaskPushNotificationConfig[]>
  remove(scope: Scope, taskId: string, id: string): Promise<void>
}

export interface PushesOptions {
  database: Database
  sealed: SealedTexts
  egress: Pick<Egress, 'resolve'>
}

const atMostOfTask = 10

const HeaderText = z.string().regex(/^[\x21-\x7E]+( [\x21-\x7E]+)*$/, 'expected visible characters of ASCII')
const Config = z.object({
  id: z.string().max(100),
  url: z.url({ protocol: /^https?$/ }).max(2000),
  token: z.union([z.literal(''), HeaderText.max(1000)]),
  authentication: z
    .object({ scheme: z.string().regex(/^[A-Za-z][\w-]{0,30}$/), credentials: HeaderText.max(4000) })
    .optional(),
})

/** What the messages of a client carry, so that it believes them. */
const Credentials = z.object({
  token: z.string(),
  authentication: z.object({ scheme: z.string(), credentials: z.string() }).optional(),
})

export function createPushes({ database, sealed, egress }: PushesOptions): Pushes {
  const { kysely } = database
  /** What is kept is not told: whoever may read tasks need not know it. */
  const toConfig = ({ run_id: taskId, id, url, credentials }: PushRow): TaskPushNotificationConfig => {
    const { authentication } = credentials === null ? {} : credentialsIn(sealed, taskId, credentials)
    return { tenant: '', id, taskId, url, token: '', authentication: authentication && withoutSecret(authentication) }
  }

  return {
    async add(scope, given) {
      const { taskId } = given
      const read = Config.safeParse(given)
      if (!read.success)
        throw new CausewayError('invalid-request', `The push configuration is wrong: ${z.prettifyError(read.error)}`)
      const { url, token, authentication } = read.data
      await egress.resolve(new URL(url))
      const push: PushRow = {
        run_id: taskId,
        id: read.data.id || crypto.randomUUID(),
        url,
        credentials:
          token || authentication ? sealed.seal(JSON.stringify({ token, authentication }), contextOf(taskId)) : null,
      }
      await database.transaction(async transaction => {
        const known = await listPushes(transaction, scope, taskId)
        if (known.length >= atMostOfTask && known.every(({ id }) => id !== push.id))
          throw new CausewayError('invalid-request', `A task has ${atMostOfTask} push configurations at the most.`)
        await upsertPush(transaction, scope, push)
        const run = await findRun(transaction, scope, taskId)
        if (run && (hasEnded(run.status) || run.status === 'waiting')) await tellAtOnce(transaction, scope, push)
      })
      return toConfig(push)
    },

    async get(scope, taskId, id) {
      const push = await findPush(kysely, scope, taskId, id)
      return push && toConfig(push)
    },
    list: async (scope, taskId) => (await listPushes(kysely, scope, taskId)).map(toConfig),
    remove: (scope, taskId, id) => deletePush(kysely, scope, taskId, id),

    async messageOf(scope, { runId, id }) {
      const [push, run] = [await findPush(kysely, scope, runId, id), await findRun(kysely, scope, runId)]
      if (!push || !run) return undefined
      const task = await currentTask(kysely, scope, run)
      const { token, authentication } = push.credentials === null ? {} : credentialsIn(sealed, runId, push.credentials)
      return {
        url: push.url,
        body: JSON.stringify(StreamResponse.toJSON({ payload: { $case: 'task', value: task } })),
        headers: {
          'content-type': A2A_CONTENT_TYPE,
          ...(token && { 'x-a2a-notification-token': token }),
          ...(authentication && { authorization: `${authentication.scheme} ${authentication.credentials}` }),
        },
      }
    },
    giveUp: (scope, { runId, id }) => deletePush(kysely, scope, runId, id),
  }
}

const contextOf = (taskId: string): string => `push of ${taskId}`

const credentialsIn = (sealed: SealedTexts, taskId: string, text: string): z.infer<typeof Credentials> =>
  Credentials.parse(JSON.parse(sealed.open(text, contextOf(taskId))))

const withoutSecret = ({ scheme }: AuthenticationInfo): AuthenticationInfo => ({ scheme, credentials: '' })
