import type { Client } from '@causeway/sdk'
import { useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { clientFor } from './client.ts'

/** The environment that the address names, and a client for it. */
export function useClient(): { client: Client; environment: string | undefined } {
  const { environment } = useSearch({ strict: false })
  return useMemo(() => ({ client: clientFor(environment), environment }), [environment])
}
