import { applyDeadline } from './apply.ts'
import { judge } from './judge.ts'
import { FOLD_LIMITS } from './limits.ts'
import type { SpineEvent } from './payload.ts'
import { recordRuling, recordTimeout } from './record.ts'
import type { Decision } from './records.ts'
import type { InstanceState, Stop } from './state.ts'

/** A member whose history is not ours, by what it says it has seen. Told to people; never part of a verdict. */
export interface Divergence {
  readonly n: number
  readonly theirs: string
  /** Absent if we have no such decision. */
  readonly ours?: string
}

export interface Outcome {
  readonly state: InstanceState
  /** First the deadlines that fired, then the event's own; none if the instance has stopped. */
  readonly decisions: readonly Decision[]
  readonly divergence?: Divergence
}

/**
 * Decides the next event of an instance, after the deadlines that it makes due. The same events in the same order give the
 * same decisions everywhere. If the answer is a stop, nothing was decided, and a version that knows more may go on with the
 * same event.
 */
export function decide(state: InstanceState, event: SpineEvent): Outcome {
  if (state.stop !== undefined) return { state, decisions: [] }
  const now = Math.max(state.clock, event.time)
  const fired = fireDeadlines(state, now)
  if (fired === undefined) return stop(state, { kind: 'halted', reason: 'TIMEOUT_STORM' })
  const ruling = judge(fired.state, event, now)
  if (ruling.verdict === 'parked') return stop(state, { kind: 'parked', feature: ruling.feature })
  const { state: next, decision } = recordRuling(fired.state, event, now, ruling)
  const divergence = findDivergence(fired.state, event)
  return {
    state: next,
    decisions: [...fired.decisions, decision],
    ...(divergence && { divergence }),
  }
}

const stop = (state: InstanceState, reason: Stop): Outcome => ({
  state: { ...state, stop: reason },
  decisions: [],
})

/** Fires what was due before `now`, earliest first; undefined if there is no end of it. */
function fireDeadlines(
  start: InstanceState,
  now: number,
): { readonly state: InstanceState; readonly decisions: readonly Decision[] } | undefined {
  const decisions: Decision[] = []
  let state = start
  for (;;) {
    const due = state.situation.dues.find(({ fired }) => !fired)
    if (due === undefined || due.at >= now) return { state, decisions }
    if (decisions.length === FOLD_LIMITS.timeouts) return undefined
    // A deadline can be past already when its stage is entered.
    const time = Math.max(due.at, state.clock)
    const moment = { situation: state.situation, now: time, n: state.n + 1 }
    const outcome = applyDeadline(state.frame, moment, due)
    const recorded = recordTimeout(state, due, time, outcome)
    state = recorded.state
    decisions.push(recorded.decision)
  }
}

/** Compares what the author of a step says it has seen with what is kept of it here. */
function findDivergence(
  { frame, snapshots, n }: InstanceState,
  { payload }: SpineEvent,
): Divergence | undefined {
  if (payload.kind !== 'step' || payload.step.seen === undefined) return undefined
  if (payload.step.instance !== frame.instance) return undefined
  const { n: at, h: theirs } = payload.step.seen
  if (at > n) return { n: at, theirs }
  const ours = snapshots.find((snapshot) => snapshot.n === at)?.hash
  return ours === undefined || ours === theirs ? undefined : { n: at, theirs, ours }
}
