/** A wake-up call that is not lost when nobody waits yet: clear it, look for work, then wait. */
export interface Latch {
  set(): void
  clear(): void
  /** Resolves at once if it was set since it was last cleared. */
  wait(): Promise<void>
}

export function createLatch(): Latch {
  let flagged = false
  let waiting: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined
  return {
    set() {
      flagged = true
      waiting?.resolve()
      waiting = undefined
    },
    clear() {
      flagged = false
    },
    async wait() {
      if (flagged) return
      waiting ??= Promise.withResolvers<void>()
      await waiting.promise
    },
  }
}
