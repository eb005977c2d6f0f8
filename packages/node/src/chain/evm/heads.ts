import { type Hex, hexToNumber } from 'viem'
import { WebSocket } from 'ws'
import type { Logger } from '../../lib/logger.ts'
import type { World } from '../../lib/world.ts'
import type { Silence } from '../chain.ts'
import { explain, type Rpc } from './rpc.ts'

export interface Head {
  readonly number: number
  readonly hash: Hex
  readonly parentHash: Hex
  /** Seconds since 1970. */
  readonly timestamp: number
  /** Absent on chains without a fee market. */
  readonly baseFee?: bigint
}

/** The chain's newest block as this node sees it; keeps looking whatever happens to the connection. */
export interface Heads extends AsyncDisposable {
  /** The last head seen; the first one is waited for. */
  latest(signal?: AbortSignal): Promise<Head>
  /** The head as soon as it isn't `seen`. Rejects when the signal aborts. */
  next(seen: Head | undefined, signal: AbortSignal): Promise<Head>
  /** Looks now: after sending a transaction, say. */
  nudge(): void
  silence(): Silence | undefined
}

export interface HeadsOptions {
  readonly wsUrl: string | undefined
  readonly pollIntervalMs: number
}

/** While the chain announces its blocks, it is still asked this often, lest an announcement was lost. */
const safetyPollMs = 2_000
const maxPauseMs = 10_000
const aliveMs = 15_000

export interface HeadsDeps {
  readonly rpc: Rpc
  readonly world: Pick<World, 'sleep' | 'now'>
  readonly log: Logger
}

export const createHeads = (options: HeadsOptions, deps: HeadsDeps): Heads =>
  new EvmHeads(options, deps)

class EvmHeads implements Heads {
  readonly #options: HeadsOptions
  readonly #deps: HeadsDeps
  readonly #stop = new AbortController()
  readonly #waiters = new Set<(head: Head) => void>()
  readonly #loops: readonly Promise<void>[]
  #current: Head | undefined
  /** Whether new blocks are announced just now. */
  #announced = false
  #failures = 0
  #silence: Silence | undefined
  #wake: (() => void) | undefined

  constructor(options: HeadsOptions, deps: HeadsDeps) {
    this.#options = options
    this.#deps = deps
    this.#loops = [this.#poll(), ...(options.wsUrl ? [this.#subscribe(options.wsUrl)] : [])]
  }

  latest(signal: AbortSignal = this.#stop.signal): Promise<Head> {
    return this.next(undefined, signal)
  }

  next(seen: Head | undefined, signal: AbortSignal): Promise<Head> {
    const stopped = signal.aborted || this.#stop.signal.aborted
    if (stopped) return Promise.reject(new Error('stopped'))
    if (this.#current && this.#current.hash !== seen?.hash) return Promise.resolve(this.#current)
    const either = AbortSignal.any([signal, this.#stop.signal])
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(tell)
        reject(new Error('stopped'))
      }
      const tell = (head: Head): void => {
        this.#waiters.delete(tell)
        either.removeEventListener('abort', onAbort)
        resolve(head)
      }
      this.#waiters.add(tell)
      either.addEventListener('abort', onAbort, { once: true })
    })
  }

  nudge(): void {
    this.#wake?.()
  }

  silence(): Silence | undefined {
    return this.#silence
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#loops)
  }

  #accept(head: Head): void {
    if (this.#current?.hash === head.hash) return
    this.#current = head
    for (const tell of [...this.#waiters]) tell(head)
  }

  async #poll(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#pollOnce()
      await this.#rest(this.#pause())
    }
  }

  async #pollOnce(): Promise<void> {
    const { rpc, log, world } = this.#deps
    try {
      const params: ['latest', false] = ['latest', false]
      this.#accept(toHead(await rpc.request({ method: 'eth_getBlockByNumber', params })))
      if (this.#failures > 0) log.info({}, 'the chain answers again')
      this.#failures = 0
      this.#silence = undefined
    } catch (error) {
      if (this.#stop.signal.aborted) return
      this.#failures += 1
      const reason = explain(error)
      this.#silence = { since: this.#silence?.since ?? world.now(), reason }
      if (this.#failures === 1) log.warn({ reason }, 'the chain does not answer')
    }
  }

  #pause(): number {
    const { pollIntervalMs } = this.#options
    if (this.#failures > 0) return Math.min(50 * 2 ** Math.min(this.#failures, 10), maxPauseMs)
    return this.#announced ? Math.max(safetyPollMs, pollIntervalMs) : pollIntervalMs
  }

  async #rest(ms: number): Promise<void> {
    const waking = new AbortController()
    this.#wake = () => waking.abort()
    const either = AbortSignal.any([this.#stop.signal, waking.signal])
    await this.#deps.world.sleep(ms, either).catch(() => {})
    this.#wake = undefined
  }

  async #subscribe(url: string): Promise<void> {
    const { world, log } = this.#deps
    const { signal } = this.#stop
    let pause = 100
    while (!signal.aborted) {
      const onReady = (): void => {
        this.#announced = true
        log.info({}, 'the chain announces its blocks')
        this.nudge()
      }
      const opened = await listen(url, signal, (head) => this.#accept(head), onReady)
      if (signal.aborted) return
      if (opened) log.warn({}, 'the chain stopped announcing its blocks')
      this.#announced = false
      this.nudge()
      pause = opened ? 100 : Math.min(pause * 2, maxPauseMs)
      await world.sleep(pause, signal).catch(() => {})
    }
  }
}

/** Listens until the connection ends; resolves with whether it ever announced. */
function listen(
  url: string,
  signal: AbortSignal,
  onHead: (head: Head) => void,
  onReady: () => void,
): Promise<boolean> {
  const socket = new WebSocket(url, { handshakeTimeout: 5_000, maxPayload: 4 * 1024 * 1024 })
  const onAbort = (): void => socket.terminate()
  signal.addEventListener('abort', onAbort, { once: true })
  let ready = false
  let alive = true
  // A connection that died silently is noticed by its missing pong.
  const check = setInterval(() => {
    if (!alive) socket.terminate()
    alive = false
    if (socket.readyState === WebSocket.OPEN) socket.ping()
  }, aliveMs)
  return new Promise((resolve) => {
    socket.on('open', () => {
      socket.send(
        JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }),
      )
    })
    socket.on('pong', () => {
      alive = true
    })
    socket.on('message', (data) => {
      const message = parseMessage(String(data))
      if (message === 'refused') return socket.terminate()
      if (message === 'accepted') {
        ready = true
        onReady()
      } else if (message) {
        onHead(message)
        // Sending something carries the acknowledgement of what came: a server that waits for it before its next small
        // packet would otherwise hold the next head back for 40 ms. A ping would have an answer, which waits alike.
        socket.pong()
      }
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearInterval(check)
      signal.removeEventListener('abort', onAbort)
      resolve(ready)
    })
    if (signal.aborted) socket.terminate()
  })
}

function parseMessage(text: string): Head | 'accepted' | 'refused' | undefined {
  try {
    const message: {
      id?: number
      error?: unknown
      params?: { result?: RawHead }
    } | null = JSON.parse(text)
    if (message?.id === 1) return message.error ? 'refused' : 'accepted'
    return message?.params?.result ? toHead(message.params.result) : undefined
  } catch {
    return undefined
  }
}

interface RawHead {
  readonly number: Hex | null
  readonly hash: Hex | null
  readonly parentHash: Hex
  readonly timestamp: Hex
  readonly baseFeePerGas?: Hex | null
}

/** A block header as the node writes it. Throws if it is not one. */
export function toHead(raw: RawHead | null): Head {
  if (!raw?.hash || !raw.number) throw new Error('the chain has no such block')
  return {
    number: hexToNumber(raw.number),
    hash: raw.hash,
    parentHash: raw.parentHash,
    timestamp: hexToNumber(raw.timestamp),
    ...(raw.baseFeePerGas && { baseFee: BigInt(raw.baseFeePerGas) }),
  }
}
