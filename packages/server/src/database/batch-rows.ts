/** What the requests of a batch come to, for each endpoint and route. */
export interface BatchTotalsRow {
  endpoint: string
  route: string
  requests: number
  inputCharacters: number
  maxOutputTokens: number
}

/** Who has handed a batch in. */
export interface BatchCallerRow {
  keyId: string
  userId: string | null
  teamId: string | null
  team: string | null
  actor: string
  environment: string
}
