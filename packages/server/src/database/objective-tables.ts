/** What was good and bad in the five minutes that begin with the slot. */
export interface ObjectiveCountTable {
  objective: string
  slot: Date
  good: number
  bad: number
}

/** An alert that fires. */
export interface ObjectiveAlertTable {
  objective: string
  hours: number
  since: Date
}
