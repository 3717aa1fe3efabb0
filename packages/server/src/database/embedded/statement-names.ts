import { messageOf, messageType, readText, textOf } from './wire-messages.ts'

/** Gives one client its own names for prepared statements and portals within the shared session. */
export interface StatementNames {
  /** The message with its names made unique to this client; unnamed ones stay as they are. */
  rename(message: Buffer): Buffer
  /** Messages that close every prepared statement that the client has left behind. */
  closeAll(): Buffer[]
}

export function createStatementNames(clientId: number): StatementNames {
  const statements = new Set<string>()
  const own = (name: string): string => (name === '' ? '' : `c${clientId}:${name}`)

  const renameParse = (message: Buffer): Buffer => {
    const [name, rest] = readText(message, 5)
    if (name === '') return message
    statements.add(own(name))
    return messageOf('P', textOf(own(name)), message.subarray(rest))
  }

  const renameBind = (message: Buffer): Buffer => {
    const [portal, afterPortal] = readText(message, 5)
    const [statement, rest] = readText(message, afterPortal)
    if (portal === '' && statement === '') return message
    return messageOf('B', textOf(own(portal)), textOf(own(statement)), message.subarray(rest))
  }

  const renameTarget = (type: 'C' | 'D', message: Buffer): Buffer => {
    const [name] = readText(message, 6)
    return name === '' ? message : messageOf(type, message.subarray(5, 6), textOf(own(name)))
  }

  const renameExecute = (message: Buffer): Buffer => {
    const [portal, rest] = readText(message, 5)
    return portal === '' ? message : messageOf('E', textOf(own(portal)), message.subarray(rest))
  }

  const renames: Readonly<Record<number, (message: Buffer) => Buffer>> = {
    [messageType.parse]: renameParse,
    [messageType.bind]: renameBind,
    [messageType.describe]: message => renameTarget('D', message),
    [messageType.close]: message => renameTarget('C', message),
    [messageType.execute]: renameExecute,
  }

  return {
    rename: message => renames[message[0] ?? 0]?.(message) ?? message,
    closeAll: () => [...statements].map(name => messageOf('C', Buffer.from('S'), textOf(name))),
  }
}
