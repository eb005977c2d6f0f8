import {
  divideDecimals,
  MAX_FRACTION_DIGITS,
  type RoundingMode,
  roundDecimal,
  toDecimal,
} from '../../values/decimal.ts'
import { fault, RuleFault } from '../../values/fault.ts'
import { isList, type Value } from '../../values/value.ts'
import type { Meter } from '../meter.ts'
import { add, compareValues } from '../operators.ts'
import { asIndex, asList, asNumber, type BuiltIn } from './built-in.ts'

const MODES: readonly RoundingMode[] = ['UP', 'DOWN', 'HALF_UP', 'HALF_EVEN']
const MOST_OPERANDS = 16

function modeOf(text: string): RoundingMode {
  const mode = MODES.find((candidate) => candidate === text)
  if (mode === undefined) throw new RuleFault('WRONG_ARGUMENTS')
  return mode
}

/** Nothing adds up to the int 0. */
function sum(list: readonly Value[], meter: Meter): Value {
  let total: Value = 0n
  for (const element of list) {
    meter.spend(1)
    total = add(total, asNumber(element), meter)
  }
  return total
}

/** The first of the least (`sign` 1) or greatest (`sign` -1), of the operands or of the one list. */
function extreme(operands: readonly Value[], sign: 1 | -1, meter: Meter): Value {
  const [only] = operands
  const list = operands.length === 1 && only !== undefined && isList(only) ? only : operands
  const [first, ...others] = list
  if (first === undefined) throw fault('OUT_OF_RANGE')
  // Compared with itself too, so that one operand must have an order.
  compareValues(first, first, meter)
  let best = first
  for (const other of others) {
    meter.spend(1)
    if (compareValues(other, best, meter) * sign < 0) best = other
  }
  return best
}

export const numbers: Readonly<Record<string, BuiltIn>> = {
  sum: { form: 'either', arity: [1, 1], apply: ([list], meter) => sum(asList(list), meter) },
  min: {
    form: 'function',
    arity: [1, MOST_OPERANDS],
    apply: (operands, meter) => extreme(operands, 1, meter),
  },
  max: {
    form: 'function',
    arity: [1, MOST_OPERANDS],
    apply: (operands, meter) => extreme(operands, -1, meter),
  },
  round: {
    form: 'function',
    arity: [3, 3],
    literal: 2,
    prepare: (text) => {
      const mode = modeOf(text)
      return ([value, scale]) =>
        roundDecimal(toDecimal(asNumber(value)), asIndex(scale, MAX_FRACTION_DIGITS), mode)
    },
  },
  div: {
    form: 'function',
    arity: [4, 4],
    literal: 3,
    prepare: (text) => {
      const mode = modeOf(text)
      return ([left, right, scale]) => {
        const [a, b] = [toDecimal(asNumber(left)), toDecimal(asNumber(right))]
        return divideDecimals(a, b, asIndex(scale, MAX_FRACTION_DIGITS), mode)
      }
    },
  },
}
