import { formatTime, NodeError, type WebSocketAck, type WebSocketStatus } from '@concordat/protocol'
import type { WebSocket } from 'ws'
import type { World } from '../../lib/world.ts'
import { type Answer, type Delivery, deliveryText, type Receiver } from '../delivery.ts'
import type { Attachment, Subscribers } from '../subscribers.ts'
import { parseFrame, type Start } from './frames.ts'
import { createInFlight } from './in-flight.ts'
import { WEBSOCKETS, websocketTransport } from './websocket-transport.ts'

/** Refuses by throwing; called for every message a client sends, with the namespace it is about. */
export type Authorize = (namespace: string) => void | Promise<void>

export interface ConnectionOptions {
  readonly id: string
  readonly socket: WebSocket
  readonly remoteAddress: string
  readonly userAgent: string
  /** The only namespace this connection may name. */
  readonly scope: string | undefined
  readonly authorize: Authorize
  readonly subscribers: (namespace: string) => Subscribers | undefined
  readonly world: Pick<World, 'now'>
  /** Bytes waiting in the socket from which on the client counts as slow, and deliveries rest. */
  readonly highWater: number
}

type Status = WebSocketStatus['connections'][number]

/** One client: what it started, what it was sent, what it has acknowledged. */
export interface Connection extends AsyncDisposable {
  readonly status: Status
  /** Serves what the URL asked for. */
  start(start: Start): void
  /** Tells the client what it did wrong, and ends the connection. */
  fail(error: unknown): void
}

interface Started {
  readonly status: Status['subscriptions'][number]
  readonly attachment: Attachment
}

/** Codes of the WebSocket protocol. */
const GOING_AWAY = 1001
const PROTOCOL_ERROR = 1002

export function openConnection(options: ConnectionOptions): Connection {
  const { socket, scope, authorize, world } = options
  const inFlight = createInFlight()
  const started: Started[] = []
  let autoack = false
  let ended = false
  /** Messages are handled one after another, also when checking a right takes time. */
  let tail: Promise<void> | undefined

  const receiver: Receiver = {
    deliver(delivery, answer) {
      if (socket.readyState !== socket.OPEN) throw new Error('The connection is closed')
      if (!autoack) inFlight.add(delivery, answer)
      const drained = send(delivery)
      if (autoack) answer.ack()
      return drained
    },
    stopped: inFlight.drop,
  }

  /** Undefined while the client keeps up; else resolves when what waits has been written. */
  const send = (delivery: Delivery): Promise<void> | undefined => {
    const text = `${deliveryText(delivery)}\n`
    if (socket.bufferedAmount < options.highWater) {
      socket.send(text)
      return undefined
    }
    return new Promise((resolve) => socket.send(text, () => resolve()))
  }

  const fail = (error: unknown): void => {
    if (ended) return
    ended = true
    const known = error instanceof NodeError ? error : new NodeError('CC20001')
    socket.send(JSON.stringify({ type: 'protocol_error', error: known.message }))
    socket.close(PROTOCOL_ERROR)
    void detach()
  }

  const detach = async (): Promise<void> => {
    ended = true
    const gone = started.splice(0)
    await Promise.all(gone.map(({ attachment }) => attachment[Symbol.asyncDispose]()))
  }

  /** Runs `action` once the caller's right is known; at once when that takes no time. */
  const authorized = (namespace: string, action: () => void): void => {
    const guarded = (): void => {
      if (!ended) action()
    }
    const allowed = authorize(namespace)
    if (allowed) {
      socket.pause()
      tail = allowed
        .then(guarded)
        .catch(fail)
        .finally(() => socket.resume())
    } else guarded()
  }

  const begin = (start: Start): void => {
    const namespace = namespaceOf(start, scope)
    authorized(namespace, () => {
      const subscribers = options.subscribers(namespace)
      if (!subscribers) throw new NodeError('FF10187', { namespace })
      if (started.length > 0 && (start.autoack ?? autoack) !== autoack) {
        throw new NodeError('FF10179')
      }
      if (isStarted(started, namespace, start)) return
      autoack = start.autoack ?? autoack
      const attachment = attach(subscribers, start, receiver)
      const startTime = formatTime(world.now())
      started.push({ status: statusOf(namespace, start, startTime), attachment })
    })
  }

  const acknowledge = (frame: WebSocketAck): void => {
    const namespace = frame.subscription?.namespace || started[0]?.status.namespace
    const action = (): void => {
      if (autoack) throw new NodeError('FF10180')
      inFlight.ack(
        frame,
        started.map(({ status }) => ({ namespace: status.namespace, name: status.name })),
      )
    }
    if (namespace === undefined) action()
    else authorized(checkScope(namespace, scope), action)
  }

  const handle = (text: string): void => {
    if (ended) return
    try {
      const frame = parseFrame(text)
      if (frame.type === 'start') begin(frame.start)
      else acknowledge(frame.ack)
    } catch (error) {
      fail(error)
    }
  }

  socket.on('message', (data) => {
    const text = String(data)
    if (tail) {
      const mine = tail.then(() => handle(text))
      tail = mine
    } else handle(text)
  })
  socket.on('error', () => socket.terminate())
  socket.on('close', () => void detach())

  return {
    get status() {
      const { id, remoteAddress, userAgent } = options
      return { id, remoteAddress, userAgent, subscriptions: started.map(({ status }) => status) }
    },
    start(start) {
      try {
        begin(start)
      } catch (error) {
        fail(error)
      }
    },
    fail,
    async [Symbol.asyncDispose]() {
      socket.close(GOING_AWAY)
      await detach()
    },
  }
}

function namespaceOf(start: Start, scope: string | undefined): string {
  const namespace = start.namespace ?? scope
  if (namespace === undefined || (!start.ephemeral && start.name === undefined)) {
    throw new NodeError('FF10178')
  }
  return checkScope(namespace, scope)
}

function checkScope(namespace: string, scope: string | undefined): string {
  if (scope !== undefined && scope !== namespace) {
    throw new NodeError('FF10462', { expected: scope, namespace })
  }
  return namespace
}

function attach(subscribers: Subscribers, start: Start, receiver: Receiver): Attachment {
  if (start.ephemeral || start.name === undefined) {
    const options = websocketTransport.validateOptions(start.options)
    return subscribers.attachEphemeral({ filter: start.filter, options, receiver })
  }
  return subscribers.attach(WEBSOCKETS, start.name, receiver)
}

const isStarted = (started: readonly Started[], namespace: string, start: Start): boolean =>
  !start.ephemeral &&
  started.some(({ status }) => status.namespace === namespace && status.name === start.name)

const statusOf = (
  namespace: string,
  { ephemeral, name, filter }: Start,
  startTime: string,
): Status['subscriptions'][number] => ({
  startTime,
  ephemeral,
  namespace,
  ...(!ephemeral && name !== undefined && { name }),
  filter,
})
