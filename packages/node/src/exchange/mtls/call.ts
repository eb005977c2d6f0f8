import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { NodeError } from '@concordat/protocol'
import type { PeerIdentity, Verdict } from '../exchange.ts'

/** One request of a peer. */
export interface Call {
  readonly request: IncomingMessage
  readonly from: PeerIdentity
  /** Path segments, decoded. */
  readonly path: readonly string[]
  readonly query: URLSearchParams
}

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: Uint8Array | Readable
}

const HASH = /^[0-9a-f]{64}$/
const SEGMENT = /^[a-z0-9+\-_.]+$/i
const PATH_LENGTH = 1024
/** How long a connection whose body we refused is still read, so that the peer gets to see why. */
const LINGER_MS = 1000

/** How a verdict is told: 422 is final; after 503 a sender tries again, as FireFly's data exchange does too. */
export function replyOf(verdict: Verdict): Reply {
  switch (verdict) {
    case 'accepted':
      return { status: 204 }
    case 'refused':
      return { status: 422 }
    case 'later':
      return { status: 503, headers: { 'retry-after': 1 } }
  }
}

export function parseHash(text: string | undefined): string {
  if (text === undefined || !HASH.test(text)) throw new NodeError('FF00139', { input: '' })
  return text
}

/** A blob's path, as FireFly's data exchange takes it: no empty, `.` or `..` segments. */
export function parsePath(segments: readonly string[]): string {
  const path = segments.join('/')
  const safe = segments.every((part) => SEGMENT.test(part) && part !== '.' && part !== '..')
  if (segments.length === 0 || !safe || path.length > PATH_LENGTH) {
    throw new NodeError('CC20002', { reason: 'not a path of a blob' })
  }
  return path
}

/** Reads a whole body of at most `limit` bytes; what is stated to be longer is not read at all. */
export async function readBody(content: Readable, limit: number, stated?: string): Promise<Buffer> {
  if (stated !== undefined && Number(stated) > limit) throw new NodeError('CC20003', { limit })
  const chunks: Buffer[] = []
  let size = 0
  // Not `for await`: leaving that early would destroy the connection, and with it the reply.
  for await (const chunk of content.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > limit) throw new NodeError('CC20003', { limit })
    chunks.push(bytes)
  }
  return Buffer.concat(chunks, size)
}

export function replyOfError(error: NodeError): Reply {
  const retry = error.status === 429 || error.status === 503
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', ...(retry ? { 'retry-after': 1 } : {}) },
    body: Buffer.from(JSON.stringify({ error: error.message })),
  }
}

/** Sends a reply; if the body was not read to its end, the connection ends with it. */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Reply,
): Promise<void> {
  const unread = !request.complete
  if (unread) response.setHeader('connection', 'close')
  if (body instanceof Readable) {
    response.writeHead(status, { ...headers })
    await pipeline(body, response)
    return
  }
  const length = body || status !== 204 ? { 'content-length': body?.length ?? 0 } : {}
  response.writeHead(status, { ...headers, ...length })
  response.end(body)
  if (unread) await linger(request)
}

async function linger(request: IncomingMessage): Promise<void> {
  request.resume()
  try {
    await once(request, 'end', { signal: AbortSignal.timeout(LINGER_MS) })
  } catch {
    // It would not end: then we do.
  } finally {
    request.socket.destroy()
  }
}
