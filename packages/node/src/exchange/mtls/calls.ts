import { createHash } from 'node:crypto'
import { NodeError } from '@concordat/protocol'
import type { World } from '../../lib/world.ts'
import type { BlobStore, Exchange, Seed, Verdict } from '../exchange.ts'
import { readBody } from './call.ts'
import { type PeerClient, type PeerResponse, peerName, toNodeError } from './client.ts'
import { frameForm } from './form.ts'
import { destinationIn } from './peer-book.ts'

export interface CallDeps {
  readonly client: PeerClient
  readonly blobs: BlobStore
  readonly world: Pick<World, 'random'>
  readonly maxBlobBytes: number
}

const NO_BODY_LIMIT = 16 * 1024

/** The calls whose whole content is in memory. */
export function createCalls({
  client,
  world,
}: CallDeps): Pick<
  Exchange,
  'sendMessage' | 'sendPayload' | 'fetchPayload' | 'fetchBatch' | 'ping'
> {
  return {
    async sendMessage(sender, recipient, message, signal) {
      const boundary = boundaryOf(world)
      const { head, tail } = frameForm(boundary, destinations(sender, recipient), {
        field: 'message',
      })
      const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
      const body = Buffer.concat([head, message, tail])
      const request = { method: 'POST', path: '/api/v1/messages', headers, body } as const
      return await verdictOf(recipient, await client.request(recipient, request, signal))
    },
    async sendPayload(to, hash, content, signal) {
      const headers = { 'content-type': 'application/octet-stream' }
      const path = `/concordat/v1/payloads/${hash}`
      return await verdictOf(
        to,
        await client.request(to, { method: 'PUT', path, headers, body: content }, signal),
      )
    },
    async fetchPayload(from, hash, maxBytes, signal) {
      const path = `/concordat/v1/payloads/${hash}`
      const response = await client.request(from, { method: 'GET', path }, signal)
      if (response.statusCode === 410) {
        await drain(response)
        return 'gone'
      }
      const content = await contentOf(from, response, maxBytes, signal)
      if (content && sha256(content) !== hash) throw refuses(from, 'its payload has another hash')
      return content
    },
    async fetchBatch(from, batchHash, maxBytes, signal) {
      const path = `/concordat/v1/payloads/${batchHash}`
      const response = await client.request(from, { method: 'POST', path }, signal)
      return await contentOf(from, response, maxBytes, signal)
    },
    async ping(peer, signal) {
      try {
        const response = await client.request(
          peer,
          { method: 'HEAD', path: '/api/v1/ping' },
          signal,
        )
        await drain(response)
        return response.statusCode === 204
      } catch {
        signal.throwIfAborted()
        return false
      }
    },
  }
}

export function destinations(sender: string, recipient: string): Record<string, string> {
  const fields = {
    senderDestination: destinationIn(sender),
    recipientDestination: destinationIn(recipient),
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''))
}

export const boundaryOf = (world: Pick<World, 'random'>): string =>
  `concordat-${Buffer.from(world.random(24)).toString('hex')}`

/** What a push was answered. Answers that speak of the peer's own trouble are thrown, to be tried again. */
export async function verdictOf(to: string | Seed, response: PeerResponse): Promise<Verdict> {
  const { statusCode } = response
  await drain(response)
  if (statusCode >= 200 && statusCode < 300) return 'accepted'
  if (statusCode === 503 || statusCode === 425) return 'later'
  if (statusCode >= 500 || statusCode === 429 || statusCode === 408) throw troubled(to, statusCode)
  return 'refused'
}

export async function drain({ body }: PeerResponse): Promise<void> {
  await body.dump({ limit: NO_BODY_LIMIT }).catch(() => {})
}

/** Leaves the rest of an answer unread; that ends its connection. */
export function hangUp({ body }: PeerResponse): void {
  body.on('error', () => {})
  body.destroy()
}

export const troubled = (to: string | Seed, status: number): NodeError =>
  new NodeError('CC20201', { peer: peerName(to), reason: `status ${status}` })

export const refuses = (to: string | Seed, reason: string): NodeError =>
  new NodeError('CC20202', { peer: peerName(to), reason })

/** undefined: the peer has no such thing. */
async function contentOf(
  from: string | Seed,
  response: PeerResponse,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { statusCode, body, headers } = response
  if (statusCode === 200) {
    try {
      return await readBody(body, maxBytes, String(headers['content-length'] ?? 0))
    } catch (error) {
      hangUp(response)
      if (signal.aborted) throw signal.reason
      throw toNodeError(from, error)
    }
  }
  await drain(response)
  if (statusCode === 404 || statusCode === 410) return undefined
  throw troubled(from, statusCode)
}

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')
