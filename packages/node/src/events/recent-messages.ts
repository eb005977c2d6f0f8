import type { Message } from '@concordat/protocol'

/** The messages seen last, bounded by their number and by an estimate of their bytes. */
export interface RecentMessages {
  get(id: string): Message | undefined
  add(id: string, message: Message): void
}

export function createRecentMessages(maxCount: number, maxBytes: number): RecentMessages {
  const held = new Map<string, { readonly message: Message; readonly size: number }>()
  let bytes = 0

  const forget = (id: string): void => {
    bytes -= held.get(id)?.size ?? 0
    held.delete(id)
  }

  return {
    get: (id) => held.get(id)?.message,
    add(id, message) {
      forget(id)
      const size = estimateSize(message)
      held.set(id, { message, size })
      bytes += size
      for (const oldest of held.keys()) {
        if (held.size <= maxCount && bytes <= maxBytes) break
        forget(oldest)
      }
    },
  }
}

/** Bytes, roughly: what a message without values weighs, plus what grows with its lists. */
function estimateSize(message: Message): number {
  const topics = message.header.topics ?? []
  return (
    1024 + 160 * (message.data?.length ?? 0) + 96 * (message.pins?.length ?? 0) + 64 * topics.length
  )
}
