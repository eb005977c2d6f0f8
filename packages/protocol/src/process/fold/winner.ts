import { createMeter } from '../rules/meter.ts'
import { type Attempt, findObstacle } from './check.ts'
import type { Winner } from './records.ts'
import type { InstanceState, Situation, Snapshot } from './state.ts'

/**
 * Who beat an attempt that is not acceptable now: the first decision, after what its author had seen, that turned it from
 * acceptable to not acceptable. Undefined if it never was acceptable, or if only time has passed, or if looking back costs
 * more than one step's fuel.
 */
export function findWinner(
  { frame, snapshots }: InstanceState,
  attempt: Attempt,
  seen: number,
): Winner | undefined {
  const kept = snapshots.filter(({ n }) => n >= seen)
  const [first, ...later] = kept
  if (first === undefined) return undefined
  const meter = createMeter()
  const obstacleAt = (situation: Situation, { clock, n }: Snapshot): string | undefined =>
    findObstacle(frame, { situation, now: clock, n: n + 1 }, attempt, meter)
  if (obstacleAt(first.situation, first) !== undefined) return undefined
  let before = first
  for (const snapshot of later) {
    const obstacle = obstacleAt(snapshot.situation, snapshot)
    if (obstacle !== undefined) {
      if (obstacle === 'RULE_FUEL') return undefined
      // Time alone may have done it, at the very moment of a decision.
      const late = obstacleAt(before.situation, snapshot) !== undefined
      return late ? undefined : snapshot.cause
    }
    before = snapshot
  }
  return undefined
}

/** The first decision after `seen` that changed anything; undefined if that is no longer kept. */
export function findFirstChange({ snapshots }: InstanceState, seen: number): Winner | undefined {
  if ((snapshots[0]?.n ?? 0) > seen) return undefined
  return snapshots.find(({ n, cause }) => n > seen && cause !== undefined)?.cause
}
