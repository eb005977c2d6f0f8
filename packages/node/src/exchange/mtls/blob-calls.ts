import { Readable } from 'node:stream'
import type { Exchange, Seed, Verdict } from '../exchange.ts'
import {
  boundaryOf,
  type CallDeps,
  destinations,
  drain,
  hangUp,
  refuses,
  troubled,
  verdictOf,
} from './calls.ts'
import { type PeerResponse, peerName, toNodeError } from './client.ts'
import { frameForm } from './form.ts'
import { destinationIn } from './peer-book.ts'

type Blob = Parameters<Exchange['sendBlob']>[2]
type Held = { readonly payloadRef: string; readonly hash: string; readonly size: number }

/** The calls that stream, and go on where they broke off. */
export function createBlobCalls(deps: CallDeps): Pick<Exchange, 'sendBlob' | 'fetchBlob'> {
  /** Fetches in progress, by key: a second one waits for the first. */
  const fetching = new Map<string, Promise<Held | undefined>>()
  return {
    async sendBlob(sender, recipient, blob, signal) {
      const held = await askHeld(deps, sender, recipient, blob, signal)
      if (held === 'later') return held
      if (held === 'unknown') return await sendWhole(deps, sender, recipient, blob, signal)
      return await sendRest(deps, sender, recipient, blob, held, signal)
    },
    async fetchBlob(from, hash, signal) {
      const key = JSON.stringify(['fetch', peerName(from), hash])
      await fetching.get(key)?.catch(() => {})
      signal.throwIfAborted()
      const work = fetchBlob(deps, from, hash, key, signal)
      fetching.set(key, work)
      try {
        return await work
      } finally {
        if (fetching.get(key) === work) fetching.delete(key)
      }
    },
  }
}

function uploadPath(sender: string, recipient: string, { path, hash, size }: Blob): string {
  const query = new URLSearchParams({
    sender: destinationIn(sender),
    recipient: destinationIn(recipient),
    hash,
    size: String(size),
  })
  return `/concordat/v1/uploads/${path}?${query}`
}

/** Bytes the peer holds of an upload that broke; `unknown` when it doesn't speak of uploads (FireFly's data exchange). */
async function askHeld(
  { client }: CallDeps,
  sender: string,
  recipient: string,
  blob: Blob,
  signal: AbortSignal,
): Promise<number | 'unknown' | 'later'> {
  const path = uploadPath(sender, recipient, blob)
  const response = await client.request(recipient, { method: 'GET', path }, signal)
  await drain(response)
  const held = Number(response.headers['concordat-held'] ?? Number.NaN)
  if (response.statusCode === 204 && Number.isSafeInteger(held)) return held
  return (await isLater(recipient, response.statusCode)) ? 'later' : 'unknown'
}

async function isLater(recipient: string, status: number): Promise<boolean> {
  if (status === 503 || status === 425) return true
  if (status >= 500 || status === 429 || status === 408) throw troubled(recipient, status)
  return false
}

async function sendRest(
  { client, blobs }: CallDeps,
  sender: string,
  recipient: string,
  blob: Blob,
  held: number,
  signal: AbortSignal,
): Promise<Verdict> {
  const { size } = blob
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(size - held),
    ...(held > 0 ? { 'content-range': `bytes ${held}-${size - 1}/${size}` } : {}),
  }
  const body = held < size ? { body: blobs.read(blob.payloadRef, held) } : {}
  const path = uploadPath(sender, recipient, blob)
  const response = await client.request(
    recipient,
    { method: 'PUT', path, headers, ...body },
    signal,
  )
  if (response.statusCode !== 416) return await verdictOf(recipient, response)
  await drain(response)
  return 'later'
}

/** The way FireFly's data exchange takes a blob: all of it, as a form. */
async function sendWhole(
  { client, blobs, world }: CallDeps,
  sender: string,
  recipient: string,
  blob: Blob,
  signal: AbortSignal,
): Promise<Verdict> {
  const boundary = boundaryOf(world)
  const { head, tail } = frameForm(boundary, destinations(sender, recipient), {
    field: 'blob',
    filename: 'blob',
  })
  const headers = {
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'content-length': String(head.length + blob.size + tail.length),
  }
  const body = Readable.from(framed(head, blobs.read(blob.payloadRef), tail), { objectMode: false })
  const path = `/api/v1/blobs/${blob.path}`
  return await verdictOf(
    recipient,
    await client.request(recipient, { method: 'PUT', path, headers, body }, signal),
  )
}

async function* framed(head: Buffer, content: Readable, tail: Buffer): AsyncIterable<Uint8Array> {
  yield head
  yield* content
  yield tail
}

async function fetchBlob(
  deps: CallDeps,
  from: string | Seed,
  hash: string,
  key: string,
  signal: AbortSignal,
): Promise<Held | undefined> {
  const held = await deps.blobs.held(key)
  const headers: Record<string, string> = held > 0 ? { range: `bytes=${held}-` } : {}
  const path = `/concordat/v1/blobs/${hash}`
  const response = await deps.client.request(from, { method: 'GET', path, headers }, signal)
  const { statusCode } = response
  if (statusCode === 200 || statusCode === 206) {
    await keepContent(deps, from, response, key, statusCode === 206 ? held : 0, signal)
  } else {
    await drain(response)
    if (statusCode === 404) return undefined
    // 416: all of it is held already.
    if (statusCode !== 416 || held === 0) throw troubled(from, statusCode)
  }
  const blob = await deps.blobs.finish(key, hash)
  if (!blob) throw refuses(from, 'its blob has another hash')
  return blob
}

async function keepContent(
  { blobs, maxBlobBytes }: CallDeps,
  from: string | Seed,
  response: PeerResponse,
  key: string,
  start: number,
  signal: AbortSignal,
): Promise<void> {
  // A peer that sends all of it again must not have it appended to what is held.
  if (start === 0) await blobs.finish(key, '')
  try {
    await blobs.append(key, start, atMost(from, response.body, maxBlobBytes - start))
  } catch (error) {
    hangUp(response)
    if (signal.aborted) throw signal.reason
    throw toNodeError(from, error)
  }
}

async function* atMost(
  from: string | Seed,
  content: Readable,
  limit: number,
): AsyncIterable<Uint8Array> {
  let left = limit
  for await (const chunk of content) {
    const bytes = Buffer.from(chunk)
    left -= bytes.length
    if (left < 0) throw refuses(from, 'its blob is too large')
    yield bytes
  }
}
