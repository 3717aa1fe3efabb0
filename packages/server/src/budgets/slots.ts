import type { Connection } from '../database/index.ts'
import { holdSlots, slotSeconds, type SlotKey } from './slot-store.ts'

/**
 * The calls that this replica has under way in a budget. It holds as many slots as it has calls, and a few more where the
 * limit is large, so that most calls need not ask the database.
 */
export interface Slots {
  /** @returns whether there was a slot for one more call */
  take(limit: number): boolean | Promise<boolean>
  give(): void
  /** Tells that this replica is alive, and gives back what was not used for a while; to be called every second or so. */
  renew(): Promise<void>
  /** Gives back what is not in use. */
  giveBack(): Promise<void>
  /** How many calls more there may be, as far as this replica knows. */
  remaining(limit: number): number
  /** Whether no call is under way and no slot is held. */
  idle(): boolean
}

/** A replica holds this part of the limit beyond what it uses, rounded down, and up to twice that before it gives some back. */
const spareParts = 100
const untouchedMs = 2000

interface CreateSlotsOptions {
  connection: Connection
  key: SlotKey
  replica: string
  now: () => number
  /** Told when slots could not be given back or renewed, which is tried again. */
  onError: (error: unknown) => void
}

export function createSlots({ connection, key, replica, now, onError }: CreateSlotsOptions): Slots {
  let underWay = 0
  let holding = 0
  let heldByAll = 0
  let spare = 0
  let heldSince = now()
  let touchedAt = now()
  /** Looks at the database, which follow each other. */
  let looks = 0
  let asking: Promise<unknown> = Promise.resolve()

  const hold = async (slots: number, limit: number): Promise<boolean> => {
    const at = now()
    const all = await holdSlots(connection, key, { replica, slots, limit })
    if (all === undefined) return false
    heldByAll = all
    holding = slots
    heldSince = at
    return true
  }

  const takeHere = (): boolean => {
    if (underWay >= holding) return false
    underWay++
    return true
  }

  const askForMore = async (limit: number): Promise<boolean> => {
    if (takeHere()) return true
    spare = Math.floor(limit / spareParts)
    for (const slots of spare > 0 ? [underWay + 1 + spare, underWay + 1] : [underWay + 1])
      if (await hold(slots, limit)) return takeHere()
    return false
  }

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    looks++
    const result = asking.then(work).finally(() => looks--)
    asking = result.catch(() => {})
    return result
  }

  /** What this replica uses is no question of room any more. */
  const holdWhatIsUsed = ({ anew = false, closing = false } = {}): Promise<void> =>
    inTurn(async () => {
      const untouched = underWay === 0 && now() - touchedAt > untouchedMs
      const wanted = closing || untouched ? underWay : Math.min(holding, underWay + spare)
      if (!anew && wanted === holding) return
      // From now on, so that no call takes a slot that is being given back.
      holding = wanted
      await hold(wanted, Number.MAX_SAFE_INTEGER)
    })

  return {
    idle: () => underWay === 0 && holding === 0 && looks === 0,
    take: limit => takeHere() || inTurn(() => askForMore(limit)),
    give() {
      underWay--
      touchedAt = now()
      if (holding - underWay > 2 * spare) void holdWhatIsUsed().catch(onError)
    },
    async renew() {
      const due = now() - heldSince > (slotSeconds * 1000) / 4
      if (due && holding > 0) await holdWhatIsUsed({ anew: true }).catch(onError)
    },
    giveBack: () => holdWhatIsUsed({ closing: true }),
    remaining: limit => Math.max(0, limit - heldByAll + holding - underWay),
  }
}
