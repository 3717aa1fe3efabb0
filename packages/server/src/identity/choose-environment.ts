import { CausewayError } from '@causeway/contracts'

interface Choice {
  /** The only environment that the key works in, if it is bound to one. */
  boundTo: string | null
  /** Ids of the environments of the organisation, by name. */
  environments: ReadonlyMap<string, string>
  /** The header Causeway-Environment. */
  wanted: string | string[] | undefined
}

const usual = 'dev'

/** The environment of a request. @throws CausewayError environment-mismatch, unknown-environment */
export function chooseEnvironment({ boundTo, environments, wanted }: Choice): { id: string; name: string } {
  const named = typeof wanted === 'string' && wanted !== '' ? wanted : undefined
  const bound = [...environments].find(([, id]) => id === boundTo)
  if (boundTo !== null && !bound) throw new CausewayError('unknown-environment', 'The environment of the key is gone.')
  if (bound && named !== undefined && named !== bound[0])
    throw new CausewayError('environment-mismatch', `The key is bound to ${bound[0]}, the request names ${named}.`)
  const name = bound?.[0] ?? named ?? usual
  const id = environments.get(name)
  if (id === undefined) throw new CausewayError('unknown-environment', `There is no environment ${name}.`)
  return { id, name }
}
