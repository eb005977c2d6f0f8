import { uuidV7, type World } from '@concordat/node'
import type { Chance } from './chance.ts'
import type { Timeline } from './timeline.ts'

/**
 * One run of a node, from start to crash. After the crash nothing reaches the node any more and nothing it does has any
 * effect: its calls out never return, and calls into it fail.
 */
export interface Life {
  readonly world: World
  readonly dead: boolean
  end(): void
  /** For what the node asks of the outside: never settles after the crash. */
  out<T>(work: () => Promise<T>): Promise<T>
  /** For what the outside asks of the node: rejects at the crash. */
  into<T>(work: () => Promise<T>): Promise<T>
}

export class Crashed extends Error {
  constructor(name: string) {
    super(`${name} crashed`)
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => {})

export function createLife(name: string, timeline: Timeline, chance: Chance): Life {
  let dead = false
  const stops = new Set<(error: Error) => void>()
  /** Sleepers of a life that ended are let go: a signal that is never aborted would keep them. */
  const sleepers = new Set<() => void>()

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (dead) return never()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (signal?.aborted) {
      reject(signal.reason)
      return promise
    }
    const onAbort = (): void => {
      forget()
      if (!dead) reject(signal?.reason)
    }
    const cancel = timeline.after(Math.max(0, Math.ceil(ms)), name, () => {
      forget()
      if (!dead) resolve()
    })
    const forget = (): void => {
      cancel()
      signal?.removeEventListener('abort', onAbort)
      sleepers.delete(forget)
    }
    sleepers.add(forget)
    signal?.addEventListener('abort', onAbort, { once: true })
    return promise
  }

  return {
    world: {
      now: timeline.now,
      sleep: (ms, signal) => sleep(Math.max(1, ms), signal),
      yield: () => sleep(0),
      random: chance.bytes,
      uuid: uuidV7(timeline.now, chance.bytes),
    },
    get dead() {
      return dead
    },
    end() {
      dead = true
      for (const stop of stops) stop(new Crashed(name))
      stops.clear()
      for (const forget of [...sleepers]) forget()
    },
    async out(work) {
      if (dead) return await never()
      try {
        const result = await work()
        return dead ? await never() : result
      } catch (error) {
        if (dead) return await never()
        throw error
      }
    },
    async into(work) {
      if (dead) throw new Crashed(name)
      const { promise, reject } = Promise.withResolvers<never>()
      stops.add(reject)
      try {
        return await Promise.race([promise, work()])
      } finally {
        stops.delete(reject)
      }
    },
  }
}
