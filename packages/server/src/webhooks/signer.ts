import { Webhook } from 'standardwebhooks'

/** What signs messages, and verifies those of others, with a secret as Standard Webhooks writes it, or with any text. */
export const signerOf = (secret: string): Webhook =>
  new Webhook(secret.startsWith('whsec_') ? secret : Buffer.from(secret).toString('base64'))
