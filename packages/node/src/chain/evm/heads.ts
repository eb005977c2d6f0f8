import { type Hex, hexToNumber } from 'viem'
import { WebSocket } from 'ws'
import type { Logger } from '../../lib/logger.ts'
import type { World } from '../../lib/world.ts'
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
}

export interface HeadsOptions {
  readonly wsUrl: string | undefined
  readonly pollIntervalMs: number
}

/** While the chain announces its blocks, it is still asked this often, lest an announcement was lost. */
const safetyPollMs = 2_000
const maxPauseMs = 10_000
const aliveMs = 15_000

export function createHeads(
  options: HeadsOptions,
  deps: { rpc: Rpc; world: Pick<World, 'sleep'>; log: Logger },
): Heads {
  const { rpc, world, log } = deps
  const stop = new AbortController()
  const waiters = new Set<(head: Head) => void>()
  let current: Head | undefined
  let announced = false
  let wake: (() => void) | undefined

  const accept = (head: Head): void => {
    if (current?.hash === head.hash) return
    current = head
    for (const tell of [...waiters]) tell(head)
  }

  const rest = async (ms: number): Promise<void> => {
    const waking = new AbortController()
    wake = () => waking.abort()
    await world.sleep(ms, AbortSignal.any([stop.signal, waking.signal])).catch(() => {})
    wake = undefined
  }

  async function poll(): Promise<void> {
    let pause = 0
    while (!stop.signal.aborted) {
      try {
        accept(
          toHead(await rpc.request({ method: 'eth_getBlockByNumber', params: ['latest', false] })),
        )
        if (pause > 0) log.info({}, 'the chain answers again')
        pause = 0
      } catch (error) {
        if (stop.signal.aborted) return
        if (pause === 0) log.warn({ reason: explain(error) }, 'the chain does not answer')
        pause = Math.min(Math.max(pause * 2, 100), maxPauseMs)
      }
      const usual = announced
        ? Math.max(safetyPollMs, options.pollIntervalMs)
        : options.pollIntervalMs
      await rest(pause || usual)
    }
  }

  async function subscribe(url: string): Promise<void> {
    let pause = 100
    while (!stop.signal.aborted) {
      const opened = await listen(url, stop.signal, accept, () => {
        announced = true
        log.info({}, 'the chain announces its blocks')
        wake?.()
      })
      if (announced && !stop.signal.aborted) log.warn({}, 'the chain stopped announcing its blocks')
      announced = false
      wake?.()
      pause = opened ? 100 : Math.min(pause * 2, maxPauseMs)
      await world.sleep(pause, stop.signal).catch(() => {})
    }
  }

  const loops = [poll(), ...(options.wsUrl ? [subscribe(options.wsUrl)] : [])]

  const next = (seen: Head | undefined, signal: AbortSignal): Promise<Head> => {
    if (signal.aborted || stop.signal.aborted) return Promise.reject(new Error('stopped'))
    if (current && current.hash !== seen?.hash) return Promise.resolve(current)
    const either = AbortSignal.any([signal, stop.signal])
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiters.delete(tell)
        reject(new Error('stopped'))
      }
      const tell = (head: Head): void => {
        waiters.delete(tell)
        either.removeEventListener('abort', onAbort)
        resolve(head)
      }
      waiters.add(tell)
      either.addEventListener('abort', onAbort, { once: true })
    })
  }

  return {
    latest: (signal = stop.signal) => next(undefined, signal),
    next,
    nudge: () => wake?.(),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.all(loops)
    },
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
        // Sending something carries the acknowledgement of what came: a server that waits for it before its next
        // small packet would otherwise hold the next head back for 40 ms.
        socket.ping()
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
