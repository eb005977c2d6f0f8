import { randomBytes } from 'node:crypto'
import { uuidV7 } from './uuid.ts'

/**
 * The only clock, timer and source of chance. Everything else is given one, so that a whole node can run under a seed.
 */
export interface World {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Resolves when what has arrived already (on sockets, from other work) was handled. */
  yield(): Promise<void>
  /** `length` unpredictable bytes (predictable under a seed). */
  random(length: number): Uint8Array
  /** A new time-ordered UUID (version 7): later ids sort after earlier ones, which keeps index pages warm. */
  uuid(): string
}

/** As the one of `node:timers/promises`, but rejects with the reason itself: an error made for each wake-up would cost more than the rest. */
const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })

/** The world outside: system clock, timers and entropy. */
export function createSystemWorld(): World {
  const random = (length: number): Uint8Array => randomBytes(length)
  return {
    now: Date.now,
    sleep,
    yield: () => new Promise((resolve) => setImmediate(resolve)),
    random,
    uuid: uuidV7(Date.now, random),
  }
}
