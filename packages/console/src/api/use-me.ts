import type { Right } from '@causeway/contracts'
import { useQuery } from '@tanstack/react-query'
import { useClient } from './use-client.ts'

/** Who is signed in, and what they may do. Until that is known, nothing is held back: the platform decides anyway. */
export function useMe() {
  const { client, environment } = useClient()
  const { data } = useQuery({ queryKey: ['me', environment], queryFn: () => client.me(), staleTime: 60_000 })
  return { me: data, may: (right: Right): boolean => data?.rights.includes(right) ?? true }
}
