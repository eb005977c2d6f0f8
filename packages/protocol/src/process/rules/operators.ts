import { compareBytes } from '../../json/stringify.ts'
import {
  addDecimals,
  compareNumbers,
  Decimal,
  multiplyDecimals,
  negateDecimal,
  subtractDecimals,
  toDecimal,
} from '../values/decimal.ts'
import { fault } from '../values/fault.ts'
import { checkInt } from '../values/integer.ts'
import { isList, isMap, isNumber, type Value, type ValueMap } from '../values/value.ts'
import type { Operator } from './ast.ts'
import { RULE_LIMITS } from './limits.ts'
import type { Meter } from './meter.ts'

/** Every operator but `&&` and `||`, which may leave out their right side. */
export type StrictOperator = Exclude<Operator, '&&' | '||'>

export type Operation = (left: Value, right: Value, meter: Meter) => Value

/** Units of work for this many characters. */
export const textWork = (length: number): number => Math.floor(length / 16)

export function asBoolean(value: Value): boolean {
  if (typeof value !== 'boolean') throw fault('NO_OVERLOAD')
  return value
}

/** By value; numbers of both kinds compare with each other, other kinds are never equal. */
export function isEqual(left: Value, right: Value, meter: Meter, depth = 0): boolean {
  meter.spend(1)
  if (typeof left !== 'object' || left === null) return isEqualScalar(left, right, meter)
  if (left instanceof Decimal) return isNumber(right) && compareNumbers(left, right) === 0
  if (depth > 2 * RULE_LIMITS.valueDepth) throw fault('TOO_DEEP')
  if (isList(left)) return isList(right) && isEqualList(left, right, meter, depth + 1)
  return isMap(left) && isMap(right) && isEqualMap(left, right, meter, depth + 1)
}

function isEqualScalar(left: Value, right: Value, meter: Meter): boolean {
  if (typeof left === 'bigint' && right instanceof Decimal) return compareNumbers(left, right) === 0
  if (typeof left === 'string') meter.spend(textWork(left.length))
  return left === right
}

function isEqualList(
  left: readonly Value[],
  right: readonly Value[],
  meter: Meter,
  depth: number,
): boolean {
  if (left.length !== right.length) return false
  return left.every((element, i) => isEqual(element, right[i] ?? null, meter, depth))
}

/** Looks at every key, whatever it finds: the work must not depend on the order of keys. */
function isEqualMap(left: ValueMap, right: ValueMap, meter: Meter, depth: number): boolean {
  const keys = Object.keys(left)
  meter.spend(keys.length)
  if (keys.length !== Object.keys(right).length) return false
  let equal = true
  for (const key of keys) {
    const other = Object.hasOwn(right, key) ? right[key] : undefined
    if (other === undefined || !isEqual(left[key] ?? null, other, meter, depth)) equal = false
  }
  return equal
}

/** Numbers by value, texts by code points, false before true. Throws NO_OVERLOAD for anything else. */
export function compareValues(left: Value, right: Value, meter: Meter): number {
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    return left < right ? -1 : left > right ? 1 : 0
  }
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right)
  if (typeof left === 'string' && typeof right === 'string') {
    meter.spend(textWork(Math.min(left.length, right.length)))
    return compareBytes(left, right)
  }
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right)
  throw fault('NO_OVERLOAD')
}

export function add(left: Value, right: Value, meter: Meter): Value {
  if (typeof left === 'bigint' && typeof right === 'bigint') return checkInt(left + right)
  if (isNumber(left) && isNumber(right)) return addDecimals(toDecimal(left), toDecimal(right))
  if (typeof left === 'string' && typeof right === 'string') {
    const length = left.length + right.length
    meter.spend(textWork(length))
    meter.allocate(length)
    return left + right
  }
  if (!isList(left) || !isList(right)) throw fault('NO_OVERLOAD')
  meter.spend(left.length + right.length)
  meter.allocate(left.length + right.length)
  return [...left, ...right]
}

export function negate(value: Value): Value {
  if (typeof value === 'bigint') return -value
  if (value instanceof Decimal) return negateDecimal(value)
  throw fault('NO_OVERLOAD')
}

function subtract(left: Value, right: Value): Value {
  if (typeof left === 'bigint' && typeof right === 'bigint') return checkInt(left - right)
  if (!isNumber(left) || !isNumber(right)) throw fault('NO_OVERLOAD')
  return subtractDecimals(toDecimal(left), toDecimal(right))
}

function multiply(left: Value, right: Value): Value {
  if (typeof left === 'bigint' && typeof right === 'bigint') return checkInt(left * right)
  if (!isNumber(left) || !isNumber(right)) throw fault('NO_OVERLOAD')
  return multiplyDecimals(toDecimal(left), toDecimal(right))
}

/** Of ints only, towards zero; decimals have `div`, which says how to round. */
function divide(left: Value, right: Value): Value {
  if (typeof left !== 'bigint' || typeof right !== 'bigint') throw fault('NO_OVERLOAD')
  if (right === 0n) throw fault('DIVIDE_BY_ZERO')
  return left / right
}

/** The remainder has the sign of the left side. */
function remainder(left: Value, right: Value): Value {
  if (typeof left !== 'bigint' || typeof right !== 'bigint') throw fault('NO_OVERLOAD')
  if (right === 0n) throw fault('DIVIDE_BY_ZERO')
  return left % right
}

function isIn(element: Value, container: Value, meter: Meter): boolean {
  if (isList(container)) return container.some((other) => isEqual(element, other, meter))
  if (!isMap(container)) throw fault('NO_OVERLOAD')
  return typeof element === 'string' && Object.hasOwn(container, element)
}

export const operations: Readonly<Record<StrictOperator, Operation>> = {
  '==': (left, right, meter) => isEqual(left, right, meter),
  '!=': (left, right, meter) => !isEqual(left, right, meter),
  '<': (left, right, meter) => compareValues(left, right, meter) < 0,
  '<=': (left, right, meter) => compareValues(left, right, meter) <= 0,
  '>': (left, right, meter) => compareValues(left, right, meter) > 0,
  '>=': (left, right, meter) => compareValues(left, right, meter) >= 0,
  in: isIn,
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': remainder,
}

/** `of[key]` of a list or a map, and `of.key` of a map. */
export function select(of: Value, key: Value): Value {
  if (typeof key === 'string' && isMap(of)) {
    if (!Object.hasOwn(of, key)) throw fault('NO_KEY')
    return of[key] ?? null
  }
  if (typeof key !== 'bigint' || !isList(of)) throw fault('NO_OVERLOAD')
  if (key < 0n || key >= of.length) throw fault('OUT_OF_RANGE')
  return of[Number(key)] ?? null
}

/** In code-point order. */
export function sortedKeys(map: ValueMap, meter: Meter): string[] {
  const keys = Object.keys(map)
  meter.spend(keys.length)
  return keys.sort(compareBytes)
}
