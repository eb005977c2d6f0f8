import type { AsyncStack } from '../lib/async-stack.ts'
import { createAgreedClock } from '../processes/agreed-clock.ts'
import { startTicks } from '../processes/ticks.ts'
import type { Deciding } from './deciding.ts'
import type { Engines } from './engines.ts'
import type { Foundation } from './foundation.ts'

/** What this node does for processes of its own accord. */
export function startProcessWork(
  base: Foundation,
  { spine, messages }: Pick<Deciding, 'spine'> & Pick<Engines, 'messages'>,
  stack: AsyncStack,
): void {
  const clock = createAgreedClock(base.world, () => base.chain.head())
  stack.use(startTicks({ ...base, spine, messages, clock, isOurs: (did) => isOurs(base, did) }))
}

/** Whether a DID is an identity whose messages come to this node. */
export function isOurs({ directory, nodeId }: Foundation, did: string): boolean {
  const known = directory.byDid(did)
  const node = known && directory.nodeOf(known.row.id)
  return node !== undefined && node.row.id === nodeId()
}
