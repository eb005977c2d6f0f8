import type { Environment } from '../rules/rule.ts'
import type { Value, ValueMap } from '../values/value.ts'
import type { Frame, Situation } from './state.ts'

/** At which point rules are evaluated. */
export interface Moment {
  readonly situation: Situation
  /** Unix seconds. */
  readonly now: number
  /** Of the decision that is being made. */
  readonly n: number
}

/** Who wants what; deadlines have no actor. */
export interface Actor {
  readonly author: string
  readonly role: string
  readonly input: ValueMap
}

/** What the rules of a step or a deadline see. */
export function makeEnvironment(frame: Frame, moment: Moment, actor?: Actor): Environment {
  const { situation } = moment
  const environment: Record<string, Value> = Object.create(null)
  environment.state = situation.fields
  environment.input = actor?.input ?? NOTHING
  environment.stage = situation.stageValue
  environment.me = actor?.author ?? null
  environment.role = actor?.role ?? null
  environment.parties = frame.partiesValue
  environment.now = BigInt(moment.now)
  environment.n = BigInt(moment.n)
  environment.deadline = situation.deadlineValue
  environment.op = situation.operationValue
  environment.count = situation.counts
  return environment
}

const NOTHING: ValueMap = Object.freeze(Object.create(null))
