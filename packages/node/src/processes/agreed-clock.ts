import type { World } from '../lib/world.ts'

/** What time it is, in Unix seconds: here or on the chain, whichever is later. */
export interface AgreedClock {
  now(): Promise<number>
}

/** How long what the chain said is good enough. */
const ASK_MS = 2000

/** `head` is asked now and then; while it does not answer, our own time counts. */
export function createAgreedClock(
  world: Pick<World, 'now'>,
  head: () => Promise<{ readonly timestamp: number }>,
): AgreedClock {
  let asked = Number.NEGATIVE_INFINITY
  let ahead = 0
  return {
    async now() {
      const now = world.now()
      if (now - asked >= ASK_MS || now < asked) {
        asked = now
        const known = await head().catch(() => undefined)
        ahead = known ? Math.max(0, known.timestamp - Math.floor(world.now() / 1000)) : 0
      }
      return Math.floor(world.now() / 1000) + ahead
    },
  }
}
