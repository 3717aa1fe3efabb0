import type { DefineCommand } from '../context.ts'
import { showObject } from '../show-list.ts'

/** `causeway whoami` */
export const defineWhoami: DefineCommand = (command, { json, connect }) => {
  command.action(async () => showObject(await (await connect()).client.me(), json()))
}
