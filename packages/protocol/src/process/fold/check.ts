import type { LoadedGuard, LoadedStep } from '../definition/loaded.ts'
import type { Meter } from '../rules/meter.ts'
import type { Environment } from '../rules/rule.ts'
import { RuleFault } from '../values/fault.ts'
import { type Actor, type Moment, makeEnvironment } from './environment.ts'
import type { StepCode } from './records.ts'
import type { Frame, Situation } from './state.ts'

/** A step of the definition by an author who may do it, with an input that fits. */
export interface Attempt extends Actor {
  readonly step: LoadedStep
}

/** Why an attempt is not acceptable at this moment, or undefined if it is. Sees only what all parties see. */
export function findObstacle(
  frame: Frame,
  moment: Moment,
  attempt: Attempt,
  meter: Meter,
): string | undefined {
  const code = findStanding(moment.situation) ?? findMisplacement(moment.situation, attempt)
  if (code !== undefined) return code
  if (attempt.step.guards.length === 0) return undefined
  const environment = makeEnvironment(frame, moment, attempt)
  for (const guard of attempt.step.guards) {
    const failure = failureOf(guard, environment, meter)
    if (failure !== undefined) return failure
  }
  return undefined
}

/** Why nobody can do anything. */
export function findStanding({ closed, waiting }: Situation): StepCode | undefined {
  if (closed) return 'CLOSED'
  return waiting.length > 0 ? 'NOT_STARTED' : undefined
}

/** Why this author cannot do this step in these stages, whatever the input. */
export function findMisplacement(
  { entries, operations }: Situation,
  { step, author }: Pick<Attempt, 'step' | 'author'>,
): StepCode | undefined {
  for (const [track, stages] of step.in) {
    if (!stages.has(entries[track]?.stage ?? '')) return 'WRONG_STAGE'
  }
  const effect = step.document.result
  if (effect === undefined) return undefined
  const operation = operations[effect]
  if (operation?.status !== 'requested') return 'NOT_REQUESTED'
  return operation.by === author ? undefined : 'NOT_PERFORMER'
}

/** The guard's code if it is not satisfied: errors count as false, and only exhaustion has a code of its own. */
export function failureOf(
  { code, rule }: LoadedGuard,
  environment: Environment,
  meter: Meter,
): string | undefined {
  try {
    return rule.evaluate(environment, meter) === true ? undefined : code
  } catch (error) {
    if (!(error instanceof RuleFault)) throw error
    return error.final ? 'RULE_FUEL' : code
  }
}
