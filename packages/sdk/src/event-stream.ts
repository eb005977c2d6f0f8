import type { EventDelivery, SubscriptionFilter, SubscriptionOptions } from '@concordat/protocol'
import { ApiError } from './api-error.ts'
import { type Connection, type ConnectOptions, connect, type Received } from './connection.ts'

export type StreamOptions = {
  /** Ends the stream. */
  readonly signal?: AbortSignal
} & (
  | {
      /** Of a subscription with the transport `websockets`. */
      readonly name: string
    }
  | {
      /** Not kept: begins anew with each connection, so that what happens in between is missed. */
      readonly ephemeral: true
      readonly filter?: SubscriptionFilter
      readonly options?: SubscriptionOptions
    }
)

/**
 * Events in their order. Each is acknowledged when the next one is asked for; one that was not comes again with the next
 * connection. A lost connection is made again, for as long as it takes; a refusal ends the stream with an `ApiError`.
 */
export interface EventStream extends AsyncIterableIterator<EventDelivery>, AsyncDisposable {
  /** Acknowledges what came last: before leaving the loop, when it is done with. */
  acknowledge(): void
}

export interface StreamDeps extends Pick<ConnectOptions, 'url' | 'headers'> {
  readonly namespace: string
  /** Rejects with an `ApiError` when the node answers, but refuses. */
  readonly check: (signal: AbortSignal) => Promise<void>
}

const firstWaitMs = 100
const longestWaitMs = 5000

export function openEventStream(options: StreamOptions, deps: StreamDeps): EventStream {
  return new Stream(options, deps)
}

class Stream implements EventStream {
  readonly #deps: StreamDeps
  readonly #start: object
  readonly #end = new AbortController()
  readonly #signal: AbortSignal
  #connection: Connection | undefined
  /** What is being given out, and what of it is left. */
  #current: { readonly received: Received; readonly left: EventDelivery[] } | undefined
  /** Events that were done with when their connection broke: they come again, and are only acknowledged. */
  #done: ReadonlySet<string> = new Set()

  constructor({ signal, ...start }: StreamOptions, deps: StreamDeps) {
    this.#deps = deps
    this.#start = { type: 'start', namespace: deps.namespace, autoack: false, ...start }
    this.#signal = signal ? AbortSignal.any([signal, this.#end.signal]) : this.#end.signal
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<EventDelivery, undefined>> {
    if (!this.#current?.left.length) this.acknowledge()
    while (!this.#signal.aborted) {
      const event = this.#current?.left.shift()
      if (event) return { done: false, value: event }
      await this.#receive()
    }
    this.#close()
    return { done: true, value: undefined }
  }

  acknowledge(): void {
    const current = this.#current
    if (!current || current.left.length > 0) return
    const { events, acknowledge } = current.received
    if (!acknowledge()) this.#done = new Set(events.map(({ id }) => id))
    this.#current = undefined
  }

  async return(): Promise<IteratorResult<EventDelivery, undefined>> {
    this.#end.abort()
    this.#close()
    return { done: true, value: undefined }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  /** Waits for what comes next: what is done with already is only acknowledged. */
  async #receive(): Promise<void> {
    try {
      this.#connection ??= await this.#connect()
      const received = await this.#connection?.receive()
      if (!received) {
        this.#connection = undefined
        return
      }
      const left = received.events.filter(({ id }) => !this.#done.has(id))
      this.#current = { received, left }
      if (left.length === 0) this.acknowledge()
    } catch (error) {
      this.#close()
      throw error
    }
  }

  /** Tries until it is connected, refused or aborted (undefined). */
  async #connect(): Promise<Connection | undefined> {
    const { url, headers, check } = this.#deps
    const signal = this.#signal
    for (let wait = firstWaitMs; !signal.aborted; wait = Math.min(wait * 2, longestWaitMs)) {
      const connection = await connect({ url, headers, start: this.#start, signal })
      if (connection || signal.aborted) return connection
      // A socket does not say why it could not be opened; an ordinary call does.
      await check(signal).catch((error: unknown) => {
        if (error instanceof ApiError && !error.retryable) throw error
      })
      await sleep(wait * (0.5 + Math.random() / 2), signal)
    }
    return undefined
  }

  #close(): void {
    this.#connection?.close()
    this.#connection = undefined
    this.#current = undefined
  }
}

/** Resolves after `ms`, or when aborted. */
const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal.addEventListener('abort', finish, { once: true })
  })
