import { CausewayError } from '@causeway/contracts'

/**
 * Refuses what only the provider could do with an answer that it keeps, because everybody behind one provider key shares
 * what the provider keeps under it. Stored responses are kept and looked up here, before a request gets this far.
 * @throws CausewayError invalid-request, not-found
 */
export function requireServed(fields: Readonly<Record<string, unknown>>): void {
  if (fields['background'] === true)
    throw refused('background', 'Responses are not made in the background here.', 'leave it out, or use "stream"')
  if (isGiven(fields['conversation']))
    throw refused('conversation', 'Conversations are not kept here.', 'use "previous_response_id", or send all items')
  if (isGiven(fields['previous_response_id']))
    throw new CausewayError('not-found', 'There is no stored response with the id in "previous_response_id".', {
      problems: [{ pointer: '/previous_response_id', message: 'not found' }],
    })
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

const refused = (field: string, detail: string, message: string): CausewayError =>
  new CausewayError('invalid-request', detail, { problems: [{ pointer: `/${field}`, message }] })
