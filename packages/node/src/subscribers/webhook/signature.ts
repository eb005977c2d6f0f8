import { createHmac } from 'node:crypto'

const SECRET_PREFIX = 'whsec_'

/** The bytes of a secret as Standard Webhooks writes it, `whsec_` and base64; undefined if it isn't one of 16 to 128 bytes. */
export function parseSecret(secret: string): Uint8Array | undefined {
  const encoded = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : ''
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.length >= 16 && bytes.length <= 128 ? bytes : undefined
}

/** The headers by which a target recognises us, and a repetition. `id` stays the same over retries; `now` in milliseconds. */
export function signatureHeaders(
  id: string,
  now: number,
  body: string,
  secret: Uint8Array | undefined,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000))
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp }
  if (!secret) return headers
  const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { ...headers, 'webhook-signature': `v1,${mac}` }
}
