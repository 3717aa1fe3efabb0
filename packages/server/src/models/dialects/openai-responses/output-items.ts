import type { Ids } from './ids.ts'

/** An event of a stream that lacks its number. */
export type WrittenEvent = Record<string, unknown> & { type: string }

export type ItemStatus = 'completed' | 'incomplete'

/** The items of an answer in their order, and the events that tell of them. */
export interface OutputItems {
  readonly list: readonly unknown[]
  /** Begins an item. The item that comes back is the one in the list: it may be changed until it is done. */
  add<Item extends object>(
    prefix: string,
    item: Item,
  ): { index: number; item: Item & { id: string }; event: WrittenEvent }
  done(index: number): WrittenEvent
  /** An item that arrived in one piece. */
  whole(prefix: string, item: object): WrittenEvent[]
}

export function createOutputItems(ids: Ids): OutputItems {
  const list: object[] = []
  const snapshot = (index: number): unknown => structuredClone(list[index])
  const add = <Item extends object>(prefix: string, item: Item) => {
    const index = list.length
    const identified = { id: ids.item(prefix, index), ...item }
    list.push(identified)
    return {
      index,
      item: identified,
      event: { type: 'response.output_item.added', output_index: index, item: snapshot(index) },
    }
  }
  const done = (index: number): WrittenEvent => ({
    type: 'response.output_item.done',
    output_index: index,
    item: snapshot(index),
  })
  return {
    list,
    add,
    done,
    whole(prefix, item) {
      const { event, index } = add(prefix, item)
      return [event, done(index)]
    },
  }
}
