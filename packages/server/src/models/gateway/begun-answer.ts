import type { ServerResponse } from 'node:http'
import type { TokenUsage } from '@causeway/contracts'
import type { CollectedAnswer } from '../answer-collector.ts'
import type { ReportedBilling } from '../model-event.ts'
import type { FinishReason } from '../model-response.ts'

/** Headers by their lower-case names. They are collected and written at once, which node:http does much faster. */
export type OutgoingHeaders = Record<string, string | number>

/** What an answer has used. */
export interface UsedSoFar {
  usage: TokenUsage
  usageEstimated: boolean
  billing?: ReportedBilling | undefined
  finishReason: FinishReason | undefined
}

/** Keeps what a client is about to be sent. Does not throw. */
export type KeepAnswer = (last: Buffer | string) => Promise<void>

/** An answer that has begun. */
export interface BegunAnswer {
  /**
   * Writes the answer up to its end.
   * @param headers the gateway's own, to be sent with those of the answer
   * @param keep told the whole answer, or the last events of a stream, before the client is sent them
   * @throws ProviderFailure when the provider breaks off, the reason of the call's signal when that aborts
   */
  send(response: ServerResponse, headers: OutgoingHeaders, keep?: KeepAnswer): Promise<void>
  /** What a client of a stream has been sent so far; undefined when that is not known. */
  emitted(): Promise<CollectedAnswer | undefined>
  /** What has been used up to now. */
  use(): UsedSoFar
}
