import type { Logger } from '../lib/logger.ts'
import { startStage } from '../lib/stage.ts'
import type { World } from '../lib/world.ts'
import type { Database, Transaction } from '../store/database.ts'

/** Where durable subscriptions stand. Written in the background: after a crash, some events are delivered again. */
export interface Offsets extends AsyncDisposable {
  /** Says that a subscription moved; `read` is asked when it is time to write. */
  touch(id: string, read: () => number): void
  /** Writes what has moved, now. */
  flush(): Promise<void>
}

export const OFFSET_TYPE = 'subscription'

/** Milliseconds between two writes: many moves become one. */
const INTERVAL_MS = 200

export function createOffsets(
  database: Database,
  world: Pick<World, 'sleep'>,
  logger: Logger,
): Offsets {
  const moved = new Map<string, () => number>()
  const written = new Map<string, number>()

  const write = async (): Promise<void> => {
    const values = [...moved].map(([id, read]) => ({ id, current: read() }))
    moved.clear()
    const changed = values.filter(({ id, current }) => written.get(id) !== current)
    if (changed.length === 0) return
    try {
      await database.transaction(async (tx) => {
        for (const { id, current } of changed) await update(tx, id, current)
      })
    } catch (error) {
      for (const { id, current } of changed) if (!moved.has(id)) moved.set(id, () => current)
      throw error
    }
    for (const { id, current } of changed) written.set(id, current)
  }

  const stage = startStage({
    name: 'subscription-offsets',
    world,
    idleMs: 60_000,
    async step(signal) {
      if (moved.size === 0) return false
      await world.sleep(INTERVAL_MS, signal)
      await write()
      return moved.size > 0
    },
    onError: (error) => logger.error({ error }, 'offsets not written'),
  })

  return {
    touch(id, read) {
      if (moved.has(id)) {
        moved.set(id, read)
        return
      }
      moved.set(id, read)
      stage.nudge()
    },
    flush: write,
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]()
      await write()
    },
  }
}

/** An update, not an upsert: a removed subscription's position must not come back. */
async function update(tx: Transaction, id: string, current: number): Promise<void> {
  await tx.db
    .updateTable('offsets')
    .set({ current })
    .where('type', '=', OFFSET_TYPE)
    .where('name', '=', id)
    .execute()
}
