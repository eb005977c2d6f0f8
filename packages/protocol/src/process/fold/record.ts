import { sha256Hex } from '#sha256'
import { canonicalJson } from '../values/canonical.ts'
import { FOLD_LIMITS } from './limits.ts'
import type { SpineEvent } from './payload.ts'
import type { Decision, DecisionRecord, StepRecord, Winner } from './records.ts'
import type { Ruling } from './ruling.ts'
import type { Due, InstanceState, Situation, Snapshot } from './state.ts'

/** An instance and its last decision. */
export interface Recorded {
  readonly state: InstanceState
  readonly decision: Decision
}

type Decided = Exclude<Ruling, { verdict: 'parked' }>

/** Records what became of an event at time `now`. */
export function recordRuling(
  state: InstanceState,
  event: SpineEvent,
  now: number,
  ruling: Decided,
): Recorded {
  const { payload, author, message } = event
  const n = state.n + 1
  const changed = ruling.verdict === 'accepted' ? ruling.situation : undefined
  const situation = changed ?? state.situation
  const step = payload.kind === 'step' ? payload.step : undefined
  const name = step?.step ?? (payload.kind === 'tick' ? '$tick' : undefined)
  const record: StepRecord = {
    n,
    t: now,
    verdict: ruling.verdict,
    author,
    ...(message && { message }),
    ...(name !== undefined && { step: name }),
    ...(step?.role !== undefined && { role: step.role }),
    ...detailsOf(ruling),
    s: situation.hash,
  }
  const cause: Winner | undefined = changed && {
    n,
    message: message?.id ?? '',
    author,
    step: name ?? '',
  }
  const recorded = push(state, record, now, situation, cause)
  if (step === undefined || ruling.verdict === 'void') return recorded
  const intents = state.intents.add(author, step.intent, n)
  return { ...recorded, state: { ...recorded.state, intents } }
}

function detailsOf(ruling: Decided): Partial<StepRecord> {
  if (ruling.verdict === 'rejected') {
    const { code, rule, winner } = ruling
    return { code, ...(rule !== undefined && { rule }), ...(winner && { winner }) }
  }
  if (ruling.verdict === 'void') {
    return { code: ruling.code, ...(ruling.of !== undefined && { of: ruling.of }) }
  }
  const { output = {}, effects = [] } = ruling.told ?? {}
  return {
    ...(Object.keys(output).length > 0 && { output }),
    ...(effects.length > 0 && { effects }),
  }
}

/** Records that a deadline fired at time `now`. */
export function recordTimeout(
  state: InstanceState,
  due: Due,
  now: number,
  outcome: { readonly situation: Situation; readonly failed: boolean },
): Recorded {
  const n = state.n + 1
  const record: DecisionRecord = {
    n,
    t: now,
    verdict: 'timeout',
    deadline: due.name,
    due: due.at,
    ...(outcome.failed && { code: 'EFFECT_FAILED' }),
    s: outcome.situation.hash,
  }
  return push(state, record, now, outcome.situation, { n, deadline: due.name })
}

function push(
  state: InstanceState,
  record: DecisionRecord,
  clock: number,
  situation: Situation,
  cause: Winner | undefined,
): Recorded {
  const { n } = record
  const hash = sha256Hex(state.hash + canonicalJson(record))
  const snapshot: Snapshot = { n, clock, hash, situation, ...(cause && { cause }) }
  const snapshots = state.snapshots.slice(1 - FOLD_LIMITS.snapshots)
  snapshots.push(snapshot)
  return {
    state: { ...state, situation, n, clock, hash, snapshots },
    decision: { record, hash },
  }
}
