import { WebhookDeliveryState } from '@causeway/contracts'
import { Option } from 'commander'
import { CommandError } from '../command-error.ts'
import type { DefineCommand } from '../context.ts'
import { print, printJson, table } from '../output.ts'
import { listCommand, showList, type ListOptions } from '../show-list.ts'
import { visible } from '../visible.ts'

/** `causeway webhooks` */
export const defineWebhooks: DefineCommand = (webhooks, { json, connect }) => {
  webhooks
    .command('list')
    .description('list the webhooks in force, with how they go')
    .action(async () => {
      const { data } = await (await connect()).client.webhooks.list()
      if (json()) return printJson({ data })
      if (data.length === 0) return print('There are no webhooks.')
      table(
        ['webhook', 'url', 'events', 'pending', 'disabled'],
        data.map(({ name, url, events, pending, disabledAt, disabledReason }) => [
          name,
          visible(url),
          events.join(' '),
          String(pending),
          disabledAt ? `${disabledAt} ${visible(disabledReason ?? '')}` : '',
        ]),
      )
    })
  webhooks
    .command('test <name>')
    .description('send a message that tells of nothing')
    .action(async (name: string) => {
      const { status, error } = await (await connect()).client.webhooks.test(name)
      if (json()) printJson({ status, error })
      else if (error === null) print(`It answered with status ${status}.`)
      if (error !== null) throw new CommandError(`It did not arrive: ${visible(error)}`)
    })
  webhooks
    .command('enable <name>')
    .description('send again to one that was disabled')
    .action(async (name: string) => {
      const webhook = await (await connect()).client.webhooks.enable(name)
      if (json()) printJson(webhook)
      else print(`Events are sent to ${name} again. What was given up: causeway webhooks messages --state failed`)
    })
  listCommand(webhooks, 'list messages, newest first', 'messages')
    .option('--webhook <name>')
    .addOption(new Option('--state <state>').choices(WebhookDeliveryState.options))
    .action(async (query: ListOptions & { webhook?: string; state?: WebhookDeliveryState }) => {
      const { client } = await connect()
      await showList(client.webhookDeliveries, query, {
        json: json(),
        head: ['message', 'webhook', 'event', 'run', 'state', 'attempts', 'next', 'problem'],
        row: each => [
          each.id,
          each.webhook,
          each.type,
          each.runId,
          each.state,
          String(each.attempts),
          each.nextAt ?? '',
          visible(each.lastError ?? ''),
        ],
      })
    })
  webhooks
    .command('replay <id>')
    .description('send a message once more')
    .action(async (id: string) => {
      const delivery = await (await connect()).client.webhookDeliveries.replay(id)
      if (json()) printJson(delivery)
      else print(`${id} is sent again.`)
    })
}
