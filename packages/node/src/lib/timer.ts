import type { World } from './world.ts'

/** One alarm, set anew as often as you like. */
export interface Timer {
  /** Rings at a time in milliseconds since 1970, instead of any set before; not at all when it has passed or is infinite. */
  at(time: number): void
  stop(): void
}

export function createTimer(world: Pick<World, 'now' | 'sleep'>, ring: () => void): Timer {
  let set: AbortController | undefined
  const stop = (): void => {
    set?.abort()
    set = undefined
  }
  return {
    at(time) {
      stop()
      const left = time - world.now()
      if (left <= 0 || !Number.isFinite(left)) return
      set = new AbortController()
      world.sleep(left, set.signal).then(ring, () => {})
    },
    stop,
  }
}
