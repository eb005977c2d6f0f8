import { Decimal, parseDecimal, toDecimal, truncateDecimal } from '../../values/decimal.ts'
import { fault } from '../../values/fault.ts'
import { checkInt, parseInteger } from '../../values/integer.ts'
import { isList, isMap, isNumber, type Value } from '../../values/value.ts'
import type { Meter } from '../meter.ts'
import { isEqual, sortedKeys, textWork } from '../operators.ts'
import { asList, type BuiltIn } from './built-in.ts'

/** Of a text in code points. */
function sizeOf(value: Value | undefined, meter: Meter): bigint {
  if (typeof value === 'string') {
    meter.spend(textWork(value.length))
    return BigInt(Array.from(value).length)
  }
  if (value === undefined || (!isList(value) && !isMap(value))) throw fault('NO_OVERLOAD')
  const size = isList(value) ? value.length : Object.keys(value).length
  meter.spend(textWork(size))
  return BigInt(size)
}

function toText(value: Value | undefined, meter: Meter): string {
  if (typeof value === 'string') return value
  if (value === undefined || (!isNumber(value) && typeof value !== 'boolean')) {
    throw fault('NO_OVERLOAD')
  }
  const text = String(value)
  meter.spend(textWork(text.length))
  meter.allocate(text.length)
  return text
}

/** Of a decimal the integral part. */
function toInt(value: Value | undefined): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'string') return parseInteger(value)
  if (value instanceof Decimal) return checkInt(truncateDecimal(value))
  throw fault('NO_OVERLOAD')
}

function asDecimal(value: Value | undefined): Decimal {
  if (typeof value === 'string') return parseDecimal(value)
  if (value === undefined || !isNumber(value)) throw fault('NO_OVERLOAD')
  return toDecimal(value)
}

function keysOf(value: Value | undefined, meter: Meter): string[] {
  if (value === undefined || !isMap(value)) throw fault('NO_OVERLOAD')
  const keys = sortedKeys(value, meter)
  meter.allocate(keys.length)
  return keys
}

/** Each element once, where it stands first. */
function distinct(list: readonly Value[], meter: Meter): Value[] {
  const kept: Value[] = []
  for (const element of list) {
    meter.spend(1)
    if (!kept.some((known) => isEqual(known, element, meter))) kept.push(element)
  }
  meter.allocate(kept.length)
  return kept
}

export const general: Readonly<Record<string, BuiltIn>> = {
  size: { form: 'either', arity: [1, 1], apply: ([value], meter) => sizeOf(value, meter) },
  string: { form: 'function', arity: [1, 1], apply: ([value], meter) => toText(value, meter) },
  int: { form: 'function', arity: [1, 1], apply: ([value]) => toInt(value) },
  decimal: { form: 'function', arity: [1, 1], apply: ([value]) => asDecimal(value) },
  keys: { form: 'either', arity: [1, 1], apply: ([map], meter) => keysOf(map, meter) },
  distinct: {
    form: 'either',
    arity: [1, 1],
    apply: ([list], meter) => distinct(asList(list), meter),
  },
}
