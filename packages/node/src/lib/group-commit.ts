import type { World } from './world.ts'

/** A group commit: what arrives while one group is being written makes up the next. */
export interface GroupCommit<In, Out> {
  /** Resolves (or rejects) with this item's own result when its group is durable. */
  add(item: In): Promise<Out>
  readonly waiting: number
}

export interface GroupCommitOptions<In, Out> {
  readonly maxGroup: number
  readonly world: Pick<World, 'yield'>
  /** One result an item, in order; an Error is that item's own. A throw fails the whole group. */
  readonly write: (items: readonly In[]) => Promise<readonly (Out | Error)[]>
}

export function createGroupCommit<In, Out>({
  maxGroup,
  world,
  write,
}: GroupCommitOptions<In, Out>): GroupCommit<In, Out> {
  type Entry = { item: In; resolve: (out: Out) => void; reject: (error: unknown) => void }
  const queue: Entry[] = []
  let running = false

  const writeGroup = async (group: readonly Entry[]): Promise<void> => {
    try {
      const results = await write(group.map(({ item }) => item))
      group.forEach((entry, i) => {
        const result = results[i]
        if (result instanceof Error) entry.reject(result)
        else entry.resolve(result as Out)
      })
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  async function drain(): Promise<void> {
    running = true
    // Let requests that are already in the socket buffers join the first group.
    await world.yield()
    while (queue.length > 0) await writeGroup(queue.splice(0, maxGroup))
    running = false
  }

  return {
    add: (item) =>
      new Promise<Out>((resolve, reject) => {
        queue.push({ item, resolve, reject })
        if (!running) void drain()
      }),
    get waiting() {
      return queue.length
    },
  }
}
