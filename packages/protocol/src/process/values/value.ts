import { Decimal } from './decimal.ts'

/** What a rule computes with. Numbers are `bigint` (below 2^256 in size) or `Decimal`, never floats. */
export type Value = null | boolean | string | bigint | Decimal | readonly Value[] | ValueMap

/** A map from texts; its prototype is null. */
export interface ValueMap {
  readonly [key: string]: Value
}

/** JSON as it is sent, kept and hashed: whole numbers within ±(2^53−1), objects without a prototype. */
export type Json = null | boolean | string | number | readonly Json[] | JsonMap

export interface JsonMap {
  readonly [key: string]: Json
}

/** The names of the types of `Value`. */
export type ValueType = 'null' | 'bool' | 'string' | 'int' | 'decimal' | 'list' | 'map'

export function typeOf(value: Value): ValueType {
  if (value === null) return 'null'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'boolean') return 'bool'
  if (isList(value)) return 'list'
  return value instanceof Decimal ? 'decimal' : 'map'
}

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

export const isMap = (value: Value): value is ValueMap =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Decimal)

export const isNumber = (value: Value): value is bigint | Decimal =>
  typeof value === 'bigint' || value instanceof Decimal

/** The map of these entries; of two with one key the later. */
export function mapOf(entries: Iterable<readonly [string, Value]>): ValueMap {
  const map: Record<string, Value> = Object.create(null)
  for (const [key, value] of entries) map[key] = value
  return map
}
