import { NodeError } from '@concordat/protocol'
import type { PeerIdentity } from '../exchange.ts'

/** Calls in progress whose bodies are held in memory or on their way to disk. */
const LIMITS = { perPeer: 16, strangers: 4, total: 128 } as const

export type Gate = <T>(from: PeerIdentity, work: () => Promise<T>) => Promise<T>

/** Bounds what peers can make us hold at once; all strangers together count as one small peer. */
export function createGate(): Gate {
  const counts = new Map<string, number>()
  let total = 0
  return async (from, work) => {
    const who = from.registered ? from.id : ''
    const count = counts.get(who) ?? 0
    const limit = from.registered ? LIMITS.perPeer : LIMITS.strangers
    if (count >= limit || total >= LIMITS.total) throw new NodeError('CC20501')
    counts.set(who, count + 1)
    total += 1
    try {
      return await work()
    } finally {
      total -= 1
      const left = (counts.get(who) ?? 1) - 1
      if (left > 0) counts.set(who, left)
      else counts.delete(who)
    }
  }
}
