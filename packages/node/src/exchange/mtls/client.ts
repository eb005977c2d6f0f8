import type { X509Certificate } from 'node:crypto'
import type { Readable } from 'node:stream'
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { NodeError } from '@concordat/protocol'
import { buildConnector, type Dispatcher, Pool } from 'undici'
import type { Seed } from '../exchange.ts'
import type { OwnCertificate } from './certificate.ts'
import type { PeerBook } from './peer-book.ts'
import { fingerprintOf } from './subject.ts'

export interface PeerRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT'
  /** Below the peer's endpoint, with its query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | Readable
  /** How long nothing may happen, in milliseconds; default `requestTimeoutMs`. */
  readonly timeoutMs?: number
}

export type PeerResponse = Dispatcher.ResponseData

export interface PeerClient extends AsyncDisposable {
  /** One attempt; connection errors are thrown as `CC20201`, a wrong certificate as `CC20203`. The body must be consumed. */
  request(to: string | Seed, request: PeerRequest, signal: AbortSignal): Promise<PeerResponse>
  /** Ends the connections to a peer, so that its certificate is looked at anew. */
  forget(id: string): void
}

export interface PeerClientOptions {
  readonly requestTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly connectionsPerPeer: number
}

interface Line {
  readonly endpoint: string
  readonly pool: Pool
}

/** Keeps some connections alive to each peer and seed; every one is checked for the registered (or promised) certificate. */
export function createPeerClient(
  own: OwnCertificate,
  book: PeerBook,
  options: PeerClientOptions,
): PeerClient {
  const lines = new Map<string, Line>()
  // Made once: making one costs more than a handshake.
  const secureContext = createSecureContext({
    key: own.key,
    cert: own.cert,
    ...(own.ca === undefined ? {} : { ca: own.ca }),
    minVersion: 'TLSv1.2',
  })

  const open = (
    name: string,
    endpoint: string,
    trusts: (certificate: X509Certificate) => boolean,
  ): Line => {
    const line = lines.get(name)
    if (line?.endpoint === endpoint) return line
    if (line) close(line)
    const fresh = { endpoint, pool: createPool(secureContext, name, endpoint, trusts, options) }
    lines.set(name, fresh)
    return fresh
  }

  const lineTo = (to: string | Seed): Line => {
    if (typeof to !== 'string') {
      const url = new URL(to.url)
      const wanted = to.certSha256.toLowerCase()
      const name = `${wanted}@${url.host}`
      return open(
        name,
        to.url.replace(/\/+$/, ''),
        (certificate) => fingerprintOf(certificate) === wanted,
      )
    }
    const peer = book.find(to)
    if (!peer) throw new NodeError('CC20204', { peer: to })
    return open(to, peer.endpoint, (certificate) => book.trusts(to, certificate))
  }

  return {
    async request(
      to,
      { method, path, headers, body, timeoutMs = options.requestTimeoutMs },
      signal,
    ) {
      const line = lineTo(to)
      const prefix = new URL(line.endpoint).pathname.replace(/\/$/, '')
      try {
        return await line.pool.request({
          method,
          path: `${prefix}${path}`,
          signal,
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
          ...(headers ? { headers } : {}),
          ...(body ? { body } : {}),
        })
      } catch (error) {
        if (signal.aborted) throw signal.reason
        throw toNodeError(to, error)
      }
    },
    forget(id) {
      const line = lines.get(id)
      lines.delete(id)
      if (line) close(line)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...lines.values()].map(({ pool }) => pool.destroy()))
    },
  }
}

export const peerName = (to: string | Seed): string => (typeof to === 'string' ? to : to.url)

/** Whatever broke on the way, as an error that may pass. */
export function toNodeError(to: string | Seed, error: unknown): NodeError {
  if (error instanceof NodeError) return error
  const reason =
    error instanceof Error ? ('code' in error ? String(error.code) : error.message) : ''
  return new NodeError('CC20201', { peer: peerName(to), reason }, { cause: error })
}

/** Requests under way end by themselves, or with their own time limits. */
function close({ pool }: Line): void {
  pool.close().catch(() => {})
}

function createPool(
  secureContext: SecureContext,
  name: string,
  endpoint: string,
  trusts: (certificate: X509Certificate) => boolean,
  { connectTimeoutMs, connectionsPerPeer }: PeerClientOptions,
): Pool {
  const connect = buildConnector({
    secureContext,
    // The certificate itself is what peers registered, so neither its name nor its issuer says more.
    rejectUnauthorized: false,
    allowH2: false,
    maxCachedSessions: 0,
    timeout: connectTimeoutMs,
  })
  return new Pool(new URL(endpoint).origin, {
    connections: connectionsPerPeer,
    pipelining: 1,
    keepAliveTimeout: 20_000,
    maxHeaderSize: 16 * 1024,
    connect: (target, callback) =>
      connect(target, (error, socket) => {
        if (error) return callback(error, null)
        const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
        if (shown && trusts(shown)) return callback(null, socket)
        socket?.destroy()
        return callback(new NodeError('CC20203', { peer: name }), null)
      }),
  })
}
