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
  return new ClientConnection(options)
}

class ClientConnection implements Connection {
  readonly #options: ConnectionOptions
  readonly #inFlight = createInFlight()
  readonly #started: Started[] = []
  readonly #receiver: Receiver
  #autoack = false
  #ended = false
  /** Set while a right is being checked: messages are handled one after another. */
  #tail: Promise<void> | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#receiver = {
      deliver: (delivery, answer) => this.#deliver(delivery, answer),
      stopped: this.#inFlight.drop,
    }
    const { socket } = options
    socket.on('message', (data) => this.#receive(String(data)))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => void this.#detach())
  }

  get status(): Status {
    const { id, remoteAddress, userAgent } = this.#options
    const subscriptions = this.#started.map(({ status }) => status)
    return { id, remoteAddress, userAgent, subscriptions }
  }

  start(start: Start): void {
    this.#inTurn(() => this.#begin(start))
  }

  fail(error: unknown): void {
    if (this.#ended) return
    const { socket } = this.#options
    const known = error instanceof NodeError ? error : new NodeError('CC20001')
    socket.send(JSON.stringify({ type: 'protocol_error', error: known.message }))
    socket.close(PROTOCOL_ERROR)
    void this.#detach()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.socket.close(GOING_AWAY)
    await this.#detach()
  }

  async #detach(): Promise<void> {
    this.#ended = true
    const gone = this.#started.splice(0)
    await Promise.all(gone.map(({ attachment }) => attachment[Symbol.asyncDispose]()))
  }

  #deliver(delivery: Delivery, answer: Answer): Promise<void> | undefined {
    const { socket } = this.#options
    if (socket.readyState !== socket.OPEN) throw new Error('The connection is closed')
    if (!this.#autoack) this.#inFlight.add(delivery, answer)
    const drained = this.#send(`${deliveryText(delivery)}\n`)
    if (this.#autoack) answer.ack()
    return drained
  }

  /** Undefined while the client keeps up; else resolves when what waits has been written. */
  #send(text: string): Promise<void> | undefined {
    const { socket, highWater } = this.#options
    if (socket.bufferedAmount < highWater) {
      socket.send(text)
      return undefined
    }
    return new Promise((resolve) => socket.send(text, () => resolve()))
  }

  #receive(text: string): void {
    this.#inTurn(() => {
      const frame = parseFrame(text)
      return frame.type === 'start' ? this.#begin(frame.start) : this.#acknowledge(frame.ack)
    })
  }

  /** Runs `action` now, or after the one that still waits for a right to be checked. */
  #inTurn(action: () => Promise<void> | undefined): void {
    const guarded = (): Promise<void> | undefined => {
      if (this.#ended) return undefined
      try {
        return action()
      } catch (error) {
        this.fail(error)
        return undefined
      }
    }
    const waiting = this.#tail === undefined ? guarded() : this.#tail.then(guarded)
    if (waiting === undefined) return
    const { socket } = this.#options
    socket.pause()
    const tail = waiting
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        if (this.#tail !== tail) return
        this.#tail = undefined
        socket.resume()
      })
    this.#tail = tail
  }

  #begin(start: Start): Promise<void> | undefined {
    const namespace = namespaceOf(start, this.#options.scope)
    return this.#authorized(namespace, () => {
      const subscribers = this.#options.subscribers(namespace)
      if (!subscribers) throw new NodeError('FF10187', { namespace })
      const autoack = start.autoack ?? this.#autoack
      if (this.#started.length > 0 && autoack !== this.#autoack) throw new NodeError('FF10179')
      if (isStarted(this.#started, namespace, start)) return
      this.#autoack = autoack
      const attachment = attach(subscribers, start, this.#receiver)
      const startTime = formatTime(this.#options.world.now())
      this.#started.push({ status: statusOf(namespace, start, startTime), attachment })
    })
  }

  #acknowledge(frame: WebSocketAck): Promise<void> | undefined {
    const { scope } = this.#options
    const namespace = frame.subscription?.namespace || this.#started[0]?.status.namespace || scope
    const action = (): void => {
      if (this.#autoack) throw new NodeError('FF10180')
      this.#inFlight.ack(
        frame,
        this.#started.map(({ status }) => status),
      )
    }
    if (namespace !== undefined) return this.#authorized(checkScope(namespace, scope), action)
    action()
    return undefined
  }

  /** Runs `action` once the caller's right is known; at once when that takes no time. */
  #authorized(namespace: string, action: () => void): Promise<void> | undefined {
    const allowed = this.#options.authorize(namespace)
    if (!allowed) {
      action()
      return undefined
    }
    return allowed.then(() => {
      if (!this.#ended) action()
    })
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
