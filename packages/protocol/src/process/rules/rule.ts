import type { Calendars } from '../values/calendar.ts'
import { fault } from '../values/fault.ts'
import { isList, isMap, type Value } from '../values/value.ts'
import { compile } from './compile.ts'
import { RULE_LIMITS } from './limits.ts'
import type { Meter } from './meter.ts'
import { parseRule } from './parser.ts'
import { findReferences } from './references.ts'

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
export function compileRule(text: string, { calendars = {} }: RuleContext = {}): Rule {
  const expression = parseRule(text)
  const code = compile(expression, { bound: [], calendars })
  return {
    text,
    reads: findReferences(expression),
    evaluate: (env, meter) => {
      meter.begin()
      const value = code({ env, meter, slots: [] })
      if (typeof value === 'object' && value !== null) checkDepth(value, meter, 0)
      return value
    },
  }
}

/** A value that is kept must not grow without end from one step to the next. */
function checkDepth(value: Value, meter: Meter, depth: number): void {
  if (!isList(value) && !isMap(value)) return
  if (depth >= RULE_LIMITS.valueDepth) throw fault('TOO_DEEP')
  const members: readonly Value[] = isList(value) ? value : Object.values(value)
  meter.spend(members.length)
  for (const member of members) checkDepth(member, meter, depth + 1)
}
