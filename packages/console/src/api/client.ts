import { createClient, type Client } from '@causeway/sdk'

/** Client of the platform that served this page; the session cookie stands for the key. */
export const clientFor = (environment: string | undefined): Client =>
  createClient({
    baseUrl: window.location.origin,
    headers: { 'causeway-request': 'console' },
    ...(environment && { environment }),
  })
