import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { NodeError } from '@concordat/protocol'
import type { Logger } from '../../lib/logger.ts'
import { type Call, type Reply, replyOfError, send } from './call.ts'
import type { OwnCertificate } from './certificate.ts'
import type { PeerBook } from './peer-book.ts'

/** A connection that moves fewer bytes than this in a window while a body is read is cut. */
const SLOWEST = { bytes: 16 * 1024, windowMs: 20_000 } as const

export interface PeerServerOptions {
  readonly hostname: string
  readonly port: number
  readonly maxConnections: number
  readonly idleTimeoutMs: number
}

export interface PeerServerDeps {
  readonly certificate: OwnCertificate
  readonly book: PeerBook
  readonly log: Logger
  readonly handle: (call: Call) => Promise<Reply>
}

export interface PeerServer extends AsyncDisposable {
  readonly port: number
}

/** HTTPS with TLS 1.3 only. Any certificate gets a session; what its holder may do is decided call by call. */
export async function startPeerServer(
  options: PeerServerOptions,
  { certificate, book, log, handle }: PeerServerDeps,
): Promise<PeerServer> {
  const certificates = new WeakMap<Socket, X509Certificate>()
  const running = new Set<Promise<void>>()

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const stopWatching = watchRate(request)
    let reply: Reply
    try {
      const from = identify(request.socket)
      reply = await handle({ request, ...parseUrl(request.url ?? ''), from })
    } catch (error) {
      if (!(error instanceof NodeError))
        log.error({ error, method: request.method }, 'A call of a peer failed')
      reply = replyOfError(
        error instanceof NodeError ? error : new NodeError('CC20001', {}, { cause: error }),
      )
    }
    stopWatching()
    if (request.destroyed && !request.complete) return
    await send(request, response, reply)
  }

  const identify = (socket: Socket): Call['from'] => {
    const known = certificates.get(socket)
    const found =
      known ?? (socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined)
    if (!found) throw new NodeError('FF00170')
    if (!known) certificates.set(socket, found)
    return book.identify(found)
  }

  const server = createServer(
    {
      key: certificate.key,
      cert: certificate.cert,
      ...(certificate.ca === undefined ? {} : { ca: certificate.ca }),
      minVersion: 'TLSv1.3',
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: 10_000,
      maxHeaderSize: 16 * 1024,
      headersTimeout: 10_000,
      requestTimeout: 0,
      keepAliveTimeout: options.idleTimeoutMs,
      connectionsCheckingInterval: 2_000,
    },
    (request, response) => {
      const work = answer(request, response).catch((error: unknown) => {
        log.debug({ error }, 'A peer hung up during a call')
        response.destroy()
      })
      running.add(work)
      void work.finally(() => running.delete(work))
    },
  )
  guard(server, options, log)
  limitStrangers(server, options.maxConnections / 4, book)
  await listen(server, options)
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await Promise.all(running)
      await closed
    },
  }
}

/** Garbage, slow handshakes and floods end their own connection and nothing else. */
function guard(
  server: Server,
  { maxConnections, idleTimeoutMs }: PeerServerOptions,
  log: Logger,
): void {
  server.maxConnections = maxConnections
  server.setTimeout(idleTimeoutMs, (socket) => socket.destroy())
  server.on('clientError', (error, socket) => {
    log.debug({ error: error.message }, 'A connection spoke no proper HTTP')
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', () => socket.destroy())
    else socket.destroy()
  })
  server.on('tlsClientError', (error, socket) => {
    log.debug({ error: error.message }, 'A TLS handshake failed')
    socket.destroy()
  })
}

/** However many strangers call, members find a free connection. */
function limitStrangers(server: Server, limit: number, book: PeerBook): void {
  const strangers = new Set<TLSSocket>()
  server.on('secureConnection', (socket) => {
    const certificate = socket.getPeerX509Certificate()
    if (certificate && book.identify(certificate).registered) return
    if (strangers.size >= limit) {
      socket.destroy()
      return
    }
    strangers.add(socket)
    socket.once('close', () => strangers.delete(socket))
  })
}

function listen(server: Server, { hostname, port }: PeerServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, () => {
      server.off('error', reject)
      server.on('error', () => {})
      resolve()
    })
  })
}

function watchRate(request: IncomingMessage): () => void {
  let before = request.socket.bytesRead
  const timer = setInterval(() => {
    const { bytesRead } = request.socket
    const slow = !request.complete && bytesRead - before < SLOWEST.bytes
    before = bytesRead
    if (slow && !request.isPaused()) request.socket.destroy()
  }, SLOWEST.windowMs)
  timer.unref()
  return () => clearInterval(timer)
}

function parseUrl(text: string): Pick<Call, 'path' | 'query'> {
  const question = text.indexOf('?')
  const path = question < 0 ? text : text.slice(0, question)
  try {
    return {
      path: path.split('/').slice(1).map(decodeURIComponent),
      query: new URLSearchParams(question < 0 ? '' : text.slice(question + 1)),
    }
  } catch (cause) {
    throw new NodeError('CC20002', { reason: 'the path is not properly encoded' }, { cause })
  }
}
