import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Message, MessageInput } from '@concordat/protocol'
import { WebSocket } from 'ws'
import { createEventLog } from '../events/event-log.ts'
import type { EventLog, NewEvent } from '../events/log.ts'
import { silentLogger } from '../lib/logger.ts'
import { createSystemWorld, type World } from '../lib/world.ts'
import type { Database } from '../store/database.ts'
import type { EventRow } from '../store/schema.ts'
import { createSubscribers, type Subscribers } from './subscribers.ts'
import type { EventTransport } from './transport.ts'
import {
  createWebSockets,
  type WebSockets,
  type WebSocketsOptions,
} from './websocket/websocket-server.ts'
import { websocketTransport } from './websocket/websocket-transport.ts'

/** A namespace's subscribers on a real database, with a log to append to. */
export interface TestSubscribers extends AsyncDisposable {
  readonly world: World
  readonly log: EventLog
  readonly subscribers: Subscribers
  /** What webhooks answered with. */
  readonly replies: MessageInput[]
  /** Appends in one transaction. */
  append(
    events: readonly NewEvent[],
    messages?: ReadonlyMap<string, Message>,
  ): Promise<readonly EventRow[]>
  /** Appends `count` confirmed messages, which only the log knows. */
  confirm(count: number, header?: Partial<Message['header']>): Promise<readonly EventRow[]>
}

export async function startTestSubscribers(
  database: Database,
  options: {
    readonly transports?: readonly EventTransport[]
    readonly ringSize?: number
    readonly world?: World
    readonly maxSubscriptions?: number
  } = {},
): Promise<TestSubscribers> {
  const namespace = 'default'
  const { ringSize = 10_000, world = createSystemWorld() } = options
  const log = await createEventLog({ namespace, database, world, ringSize })
  const replies: MessageInput[] = []
  const subscribers = await createSubscribers({
    namespace,
    database,
    log,
    world,
    logger: silentLogger,
    transports: options.transports ?? [websocketTransport],
    sendReply: async (message) => {
      replies.push(message)
    },
    ...(options.maxSubscriptions && { maxSubscriptions: options.maxSubscriptions }),
  })
  const append: TestSubscribers['append'] = (events, messages) =>
    database.transaction((tx) => log.append(tx, events, messages))
  return {
    world,
    log,
    subscribers,
    replies,
    append,
    confirm(count, header) {
      const messages = Array.from({ length: count }, () => testMessage(world, header))
      const topic = header?.topics?.[0] ?? 'default'
      return append(
        messages.map((message) => ({
          type: 'message_confirmed',
          reference: message.header.id,
          correlator: message.header.cid ?? null,
          topic,
        })),
        new Map(messages.map((message) => [message.header.id, message])),
      )
    },
    [Symbol.asyncDispose]: () => subscribers[Symbol.asyncDispose](),
  }
}

export const testMessage = (world: World, header: Partial<Message['header']> = {}): Message => ({
  header: {
    id: world.uuid(),
    type: 'broadcast',
    txtype: 'batch_pin',
    author: 'did:firefly:org/org_0',
    key: '0x7e3bb2198959d3a1c3ede9db1587560320ce8998',
    created: '2026-01-02T03:04:05.123456789Z',
    namespace: 'default',
    topics: ['default'],
    datahash: '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945',
    ...header,
  },
  localNamespace: 'default',
  hash: '5fc430f1c8134c6c32c4e34ef65984843bb77bb19e73c862d464669537d96dbd',
  state: 'confirmed',
  data: [],
})

/** WebSockets on an HTTP server of their own; `/ns` paths are scoped to that namespace. */
export interface TestSockets extends AsyncDisposable {
  readonly sockets: WebSockets
  /** Bytes waiting for all clients. */
  buffered(): number
  /** `ws://127.0.0.1:port` */
  readonly url: string
}

export async function startTestSockets(
  options: Pick<WebSocketsOptions, 'subscribers'> & Partial<WebSocketsOptions>,
  authorize?: (namespace: string) => void | Promise<void>,
): Promise<TestSockets> {
  const sockets = createWebSockets({
    world: createSystemWorld(),
    logger: silentLogger,
    ...options,
  })
  const server = createServer()
  const open = new Set<Duplex>()
  server.on('upgrade', (request, socket, head) => {
    open.add(socket)
    const path = new URL(request.url ?? '/', 'ws://x').pathname.slice(1)
    sockets.handleUpgrade(request, socket, head, {
      ...(path && path !== 'ws' && { namespace: path }),
      ...(authorize && { authorize }),
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    sockets,
    buffered: () => [...open].reduce((sum, socket) => sum + socket.writableLength, 0),
    url: `ws://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await sockets[Symbol.asyncDispose]()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What a test reads of a frame. */
export interface TestFrame {
  readonly type: string
  readonly id: string
  readonly sequence: number
  readonly error?: string
  readonly reference?: string
  readonly message?: Message
  readonly events?: readonly TestFrame[]
  readonly subscription: { readonly id: string; readonly namespace: string; readonly name: string }
  readonly [field: string]: unknown
}

/** A client that keeps what it received until it is asked for. */
export interface TestClient extends AsyncDisposable {
  readonly socket: WebSocket
  /** Frames received and not taken yet. */
  readonly received: readonly TestFrame[]
  send(frame: object): void
  ack(frame: TestFrame): void
  /** Takes the next frame. */
  next(): Promise<TestFrame>
  take(count: number): Promise<readonly TestFrame[]>
  /** Resolves when the server has handled all that was sent before. */
  ping(): Promise<void>
  readonly closed: Promise<number>
}

export async function connectClient(url: string): Promise<TestClient> {
  const socket = new WebSocket(url)
  const received: TestFrame[] = []
  let wake: (() => void) | undefined
  const closed = new Promise<number>((resolve) => {
    socket.on('close', (code) => {
      resolve(code)
      wake?.()
    })
  })
  socket.on('message', (data) => {
    received.push(JSON.parse(String(data)))
    wake?.()
  })
  await once(socket, 'open')
  const next = async (): Promise<TestFrame> => {
    while (received.length === 0) {
      if (socket.readyState >= WebSocket.CLOSING) throw new Error('The connection closed')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    const frame = received.shift()
    if (!frame) throw new Error('Two takers')
    return frame
  }
  const send = (frame: object): void => socket.send(JSON.stringify(frame))
  return {
    socket,
    received,
    closed,
    next,
    send,
    ack: ({ id, subscription }) => send({ type: 'ack', id, subscription }),
    async ping() {
      socket.ping()
      await once(socket, 'pong')
    },
    async take(count) {
      const frames: TestFrame[] = []
      while (frames.length < count) frames.push(await next())
      return frames
    },
    async [Symbol.asyncDispose]() {
      socket.close()
      await closed
    },
  }
}
