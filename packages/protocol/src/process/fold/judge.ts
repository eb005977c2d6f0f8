import type { LoadedStep } from '../definition/loaded.ts'
import { createMeter } from '../rules/meter.ts'
import { isValid } from '../schema/is-valid.ts'
import { RuleFault } from '../values/fault.ts'
import { lift } from '../values/lift.ts'
import { isMap, type ValueMap } from '../values/value.ts'
import { applyStep } from './apply.ts'
import { type Attempt, findObstacle, findStanding } from './check.ts'
import { isControl, judgeControl } from './control.ts'
import type { Moment } from './environment.ts'
import type { SpineEvent, SubmittedStep } from './payload.ts'
import type { StepCode } from './records.ts'
import { type Ruling, reject } from './ruling.ts'
import type { Frame, InstanceState } from './state.ts'
import { findFirstChange, findWinner } from './winner.ts'

/** Rules on an event of an instance whose deadlines have fired up to `now`. */
export function judge(state: InstanceState, event: SpineEvent, now: number): Ruling {
  const { frame, situation } = state
  const { payload, author } = event
  const moment = { situation, now, n: state.n + 1 }
  if (payload.kind === 'void') return { verdict: 'void', code: payload.code }
  if (instanceOf(payload) !== frame.instance) return { verdict: 'void', code: 'MALFORMED' }
  if (payload.kind === 'unknown') return { verdict: 'parked', feature: payload.version }
  if (payload.kind === 'tick') return judgeControl(frame, moment, author, '$tick')
  const { step } = payload
  if (step.epoch !== 0 || step.definition !== frame.definition.hash) {
    return { verdict: 'void', code: 'WRONG_EPOCH' }
  }
  const of = state.intents.get(author, step.intent)
  if (of !== undefined) return { verdict: 'void', code: 'DUPLICATE', of }
  return isControl(step.step)
    ? judgeControl(frame, moment, author, step.step)
    : judgeStep(state, moment, author, step)
}

const instanceOf = (payload: Exclude<SpineEvent['payload'], { kind: 'void' }>): string =>
  payload.kind === 'step' ? payload.step.instance : payload.instance

function judgeStep(
  state: InstanceState,
  moment: Moment,
  author: string,
  submitted: SubmittedStep,
): Ruling {
  const { frame } = state
  const attempt = prepare(frame, author, submitted)
  const standing = findStanding(moment.situation)
  if (standing !== undefined) {
    return typeof attempt === 'string'
      ? reject(standing)
      : lose(state, attempt, submitted, standing)
  }
  if (typeof attempt === 'string') return reject(attempt)
  const { expect } = submitted
  if (expect !== undefined && !isUnchangedSince(state, expect.n)) {
    const winner = findFirstChange(state, expect.n)
    return { verdict: 'rejected', code: 'EXPECT_FAILED', ...(winner && { winner }) }
  }
  const meter = createMeter()
  const obstacle = findObstacle(frame, moment, attempt, meter)
  if (obstacle !== undefined) return lose(state, attempt, submitted, obstacle)
  const consequences = applyStep(frame, moment, attempt, meter)
  if (consequences === undefined) return reject('EFFECT_FAILED')
  const { situation, output, effects } = consequences
  return { verdict: 'accepted', situation, told: { output, effects } }
}

/** The attempt, or why there can be none in any situation. */
function prepare(frame: Frame, author: string, submitted: SubmittedStep): Attempt | StepCode {
  const { role, input } = submitted
  const step = frame.definition.steps.get(submitted.step)
  if (step === undefined) return 'UNKNOWN_STEP'
  if (role === undefined || !step.by.has(role)) return 'NOT_AUTHORISED'
  if (frame.rolesOf.get(author)?.has(role) !== true) return 'NOT_AUTHORISED'
  if (submitted.broken) return 'SEAL_MISMATCH'
  const value = isValid(step.input, input) ? liftInput(step, input) : undefined
  return value === undefined ? 'INPUT_SCHEMA' : { author, role, step, input: value }
}

function liftInput(step: LoadedStep, input: SubmittedStep['input']): ValueMap | undefined {
  try {
    const value = lift(input, step.input)
    return isMap(value) ? value : undefined
  } catch (error) {
    if (error instanceof RuleFault) return undefined
    throw error
  }
}

const isUnchangedSince = ({ n, situation }: InstanceState, expected: number): boolean =>
  situation.n <= expected && expected <= n

/** Rejects an attempt, as a conflict if another decision made it impossible after what its author had seen. */
function lose(
  state: InstanceState,
  attempt: Attempt,
  { seen }: SubmittedStep,
  obstacle: string,
): Ruling {
  const winner = seen === undefined ? undefined : findWinner(state, attempt, seen.n)
  return winner === undefined
    ? { verdict: 'rejected', code: obstacle }
    : { verdict: 'rejected', code: 'CONFLICT', rule: obstacle, winner }
}
