import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocketStatus } from '@concordat/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Logger } from '../../lib/logger.ts'
import type { World } from '../../lib/world.ts'
import type { Subscribers } from '../subscribers.ts'
import { type Authorize, type Connection, openConnection } from './connection.ts'
import { startFromQuery } from './frames.ts'

export interface WebSocketsOptions {
  /** The subscribers of a namespace by its local name; undefined when there is none. */
  readonly subscribers: (namespace: string) => Subscribers | undefined
  readonly world: Pick<World, 'now' | 'sleep' | 'uuid'>
  readonly logger: Logger
  /** Bytes of the largest frame a client may send. Default 1 MiB. */
  readonly maxFrame?: number
  /** Bytes waiting for a client from which on it counts as slow. Default 1 MiB. */
  readonly highWater?: number
  /** A client that shows no sign of life for twice as long is cut off, in milliseconds. Default 60,000. */
  readonly heartbeatMs?: number
}

export interface UpgradeContext {
  /** Set when the URL is that of one namespace. */
  readonly namespace?: string
  /** Default: everything is allowed. */
  readonly authorize?: Authorize
}

/** FireFly's WebSocket protocol for all namespaces of a node, on the upgrades of somebody's HTTP server. */
export interface WebSockets extends AsyncDisposable {
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    context: UpgradeContext,
  ): void
  /** For `GET /websockets`. */
  status(): WebSocketStatus
}

export function createWebSockets(options: WebSocketsOptions): WebSockets {
  const { world, logger } = options
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxFrame ?? 1024 * 1024,
    perMessageDeflate: false,
    clientTracking: false,
  })
  const connections = new Map<Connection, WebSocket>()
  const stop = new AbortController()

  const open = (socket: WebSocket, request: IncomingMessage, context: UpgradeContext): void => {
    const connection = openConnection({
      id: world.uuid(),
      socket,
      remoteAddress: remoteAddress(request),
      userAgent: request.headers['user-agent'] ?? '',
      scope: context.namespace,
      authorize: context.authorize ?? (() => {}),
      subscribers: options.subscribers,
      world,
      highWater: options.highWater ?? 1024 * 1024,
    })
    connections.set(connection, socket)
    socket.on('close', () => connections.delete(connection))
    void keepAlive(socket, options.heartbeatMs ?? 60_000, world, stop.signal)
    try {
      const start = startFromQuery(new URLSearchParams(request.url?.split('?')[1]))
      if (start) connection.start(start)
    } catch (error) {
      connection.fail(error)
    }
  }

  return {
    handleUpgrade(request, socket, head, context) {
      if (stop.signal.aborted) {
        socket.destroy()
        return
      }
      server.handleUpgrade(request, socket, head, (client) => {
        logger.debug({ remote: remoteAddress(request) }, 'websocket opened')
        open(client, request, context)
      })
    },
    status: () => ({
      enabled: true,
      connections: [...connections.keys()].map((connection) => connection.status),
    }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      const open = [...connections]
      await Promise.all(open.map(([connection]) => connection[Symbol.asyncDispose]()))
      for (const [, socket] of open) socket.terminate()
      server.close()
    },
  }
}

const remoteAddress = ({ socket }: IncomingMessage): string =>
  `${socket.remoteAddress ?? ''}:${socket.remotePort ?? ''}`

/** Pings a client, and cuts it off when two intervals pass without anything from it. */
async function keepAlive(
  socket: WebSocket,
  intervalMs: number,
  world: Pick<World, 'sleep'>,
  stopped: AbortSignal,
): Promise<void> {
  const over = new AbortController()
  const end = (): void => over.abort()
  let silent = 0
  const alive = (): void => {
    silent = 0
  }
  socket.on('pong', alive).on('ping', alive).on('message', alive).on('close', end)
  stopped.addEventListener('abort', end, { once: true })
  try {
    while (!over.signal.aborted) {
      await world.sleep(intervalMs, over.signal)
      if (++silent > 2) socket.terminate()
      else socket.ping()
    }
  } catch {
    // Closed or stopped.
  } finally {
    stopped.removeEventListener('abort', end)
  }
}
