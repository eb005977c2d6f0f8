import { decide } from './decide.ts'
import type { SubmittedStep } from './payload.ts'
import type { StepRecord } from './records.ts'
import type { InstanceState } from './state.ts'

/** A step that somebody thinks of submitting. */
export type Trial = Pick<
  SubmittedStep,
  'step' | 'role' | 'intent' | 'seen' | 'expect' | 'input'
> & {
  readonly author: string
}

/**
 * What would become of a step if it were the next event, in a block of the given time. Undefined if the instance has
 * stopped, or would. What is pinned before it may still change the answer.
 */
export function dryRun(state: InstanceState, trial: Trial, time: number): StepRecord | undefined {
  const { author, ...wanted } = trial
  const { instance, definition } = state.frame
  const step = { ...wanted, instance, definition: definition.hash, epoch: 0, broken: false }
  const { decisions } = decide(state, { time, author, payload: { kind: 'step', step } })
  const record = decisions.at(-1)?.record
  return record?.verdict === 'timeout' ? undefined : record
}
