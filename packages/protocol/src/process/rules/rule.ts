import type { Calendars } from '../values/calendar.ts'
import { fault } from '../values/fault.ts'
import type { Value } from '../values/value.ts'
import type { Meter } from './meter.ts'

/** The variables of a rule: `state`, `input`, `stage`, `me`, `now` and so on. Its prototype is null. */
export interface Environment {
  readonly [root: string]: Value
}

/** A variable that a rule reads; `field` if it reads one named field of it, else all of it. */
export interface Reference {
  readonly root: string
  readonly field?: string
}

/** A rule that was read and checked. It keeps no state between evaluations. */
export interface Rule {
  readonly text: string
  /** Each once, in code-point order of root and field. Variables of macros are not among them. */
  readonly reads: readonly Reference[]
  /** Throws nothing but `RuleFault`. */
  evaluate(env: Environment, meter: Meter): Value
}

/** What a rule may refer to besides its variables. */
export interface RuleContext {
  readonly calendars?: Calendars
}

/** Reads and checks a rule. Throws `RuleFault`, which says where. */
export function compileRule(text: string, context: RuleContext = {}): Rule {
  void context
  void text
  throw fault('NO_OVERLOAD')
}
