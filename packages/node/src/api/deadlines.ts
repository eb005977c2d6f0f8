import type { Logger } from '../lib/logger.ts'
import { type Stage, startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'

/** Something that ends by a time. */
export interface Dated {
  /** Milliseconds since 1970. */
  readonly deadline: number
  expire(): void
}

/** One clock for all open requests: looks every quarter of a second, so that a request costs no timer of its own. */
export interface Deadlines extends AsyncDisposable {
  add(entry: Dated): void
  remove(entry: Dated): void
}

const LOOK_MS = 250

export function startDeadlines(world: Pick<World, 'now' | 'sleep'>, log: Logger): Deadlines {
  const open = new Set<Dated>()
  const stage: Stage = startStage({
    name: 'request deadlines',
    idleMs: LOOK_MS,
    world,
    onError: (error) => log.error({ error }, 'request deadlines'),
    step: async () => {
      const now = world.now()
      for (const entry of open) {
        if (entry.deadline > now) continue
        open.delete(entry)
        entry.expire()
      }
      return false
    },
  })
  return {
    add: (entry) => void open.add(entry),
    remove: (entry) => void open.delete(entry),
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}
