import type {
  EventDelivery,
  WebSocketEventBatch,
  WebSocketProtocolError,
} from '@concordat/protocol'
import { ApiError } from './api-error.ts'

export interface ConnectOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The first frame. */
  readonly start: object
  readonly signal: AbortSignal
}

/** One delivery: an event, or a batch of them. */
export interface Received {
  readonly events: readonly EventDelivery[]
  /** False if the connection is gone, so that the delivery will come again. */
  readonly acknowledge: () => boolean
}

export interface Connection {
  /** The next delivery; undefined when the connection is gone. Rejects with what the node refused. */
  receive(): Promise<Received | undefined>
  close(): void
}

/** Undefined if it can't be opened, or was aborted. */
export async function connect(options: ConnectOptions): Promise<Connection | undefined> {
  const { url, headers, start, signal } = options
  if (signal.aborted) return undefined
  // Only browsers refuse headers; there the page's own credentials count.
  const socket =
    Object.keys(headers).length > 0 ? new WebSocket(url, { headers }) : new WebSocket(url)
  const connection = new SocketConnection(socket, signal)
  if (!(await connection.opened)) return undefined
  socket.send(JSON.stringify(start))
  return connection
}

/** What waits here is bounded by the subscription's read-ahead: the node sends no more until it is acknowledged. */
class SocketConnection implements Connection {
  readonly opened: Promise<boolean>
  readonly #socket: WebSocket
  readonly #waiting: Received[] = []
  #refused: ApiError | undefined
  #gone = false
  #wake = (): void => {}

  constructor(socket: WebSocket, signal: AbortSignal) {
    this.#socket = socket
    const abort = (): void => this.close()
    signal.addEventListener('abort', abort, { once: true })
    this.opened = new Promise((resolve) => {
      socket.addEventListener('open', () => resolve(true))
      socket.addEventListener('close', () => {
        signal.removeEventListener('abort', abort)
        this.#end()
        resolve(false)
      })
      // A close follows it.
      socket.addEventListener('error', () => {})
    })
    socket.addEventListener('message', ({ data }) => this.#take(String(data)))
  }

  async receive(): Promise<Received | undefined> {
    for (;;) {
      const next = this.#gone ? undefined : this.#waiting.shift()
      if (next) return next
      if (this.#refused) throw this.#refused
      if (this.#gone) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  close(): void {
    this.#end()
    this.#socket.close()
  }

  #end(): void {
    this.#gone = true
    this.#wake()
  }

  #take(text: string): void {
    const frame: Delivery | WebSocketProtocolError = JSON.parse(text)
    if ('error' in frame) this.#refused = new ApiError(0, frame.error)
    else this.#waiting.push(this.#toReceived(frame))
    this.#wake()
  }

  #toReceived(frame: Delivery): Received {
    const { id, subscription } = frame
    return {
      events: 'events' in frame ? frame.events : [frame],
      acknowledge: () => {
        if (this.#gone || this.#socket.readyState !== WebSocket.OPEN) return false
        this.#socket.send(JSON.stringify({ type: 'ack', id, subscription }))
        return true
      },
    }
  }
}

type Delivery = EventDelivery | WebSocketEventBatch
