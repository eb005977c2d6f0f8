import type { Calendars } from '../../values/calendar.ts'
import type { Decimal } from '../../values/decimal.ts'
import { fault } from '../../values/fault.ts'
import { isList, isNumber, type Value } from '../../values/value.ts'
import type { Meter } from '../meter.ts'

/** Works on the receiver, if there is one, and the arguments. */
export type Apply = (operands: readonly Value[], meter: Meter) => Value

interface Shape {
  /** How it is called: `name(x)`, `x.name()`, or as one likes. */
  readonly form: 'function' | 'method' | 'either'
  /** Fewest and most operands, the receiver among them. */
  readonly arity: readonly [number, number]
}

interface Plain extends Shape {
  readonly apply: Apply
}

/** A function with an operand that is looked at when the rule is read. */
interface Prepared extends Shape {
  /** Which operand. */
  readonly literal: number
  /** For that operand written as a text. Throws `RuleFault` if it is not one of those that may stand there. */
  readonly prepare: (literal: string, calendars: Calendars) => Apply
  /** For that operand computed; without it, only a literal may stand there. */
  readonly dynamic?: Apply
}

export type BuiltIn = Plain | Prepared

export function asText(value: Value | undefined): string {
  if (typeof value !== 'string') throw fault('NO_OVERLOAD')
  return value
}

export function asInt(value: Value | undefined): bigint {
  if (typeof value !== 'bigint') throw fault('NO_OVERLOAD')
  return value
}

export function asNumber(value: Value | undefined): bigint | Decimal {
  if (value === undefined || !isNumber(value)) throw fault('NO_OVERLOAD')
  return value
}

export function asList(value: Value | undefined): readonly Value[] {
  if (value === undefined || !isList(value)) throw fault('NO_OVERLOAD')
  return value
}

/** An int from 0 to `most`, as a number. Throws OUT_OF_RANGE beyond. */
export function asIndex(value: Value | undefined, most: number): number {
  const int = asInt(value)
  if (int < 0n || int > most) throw fault('OUT_OF_RANGE')
  return Number(int)
}
