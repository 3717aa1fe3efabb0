import { rightsOfRole, type Right, type Role } from '@causeway/contracts'

interface Granted {
  role: Role
  /** Rights to which the key is narrowed; none: all of its role, also those that later versions add to it. */
  narrowedTo: readonly Right[]
  /** Role of the user whose key it is. */
  userRole: Role | null
}

/** What a key may do: the rights of its role, narrowed to those it was made with and to those of its user. */
export const effectiveRights = ({ role, narrowedTo, userRole }: Granted): Right[] =>
  rightsOfRole[role].filter(
    right =>
      (narrowedTo.length === 0 || narrowedTo.includes(right)) &&
      (userRole === null || rightsOfRole[userRole].includes(right)),
  )
