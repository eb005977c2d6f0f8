import type { LoadedAssignment, LoadedDefinition } from '../definition/loaded.ts'
import type { Meter } from '../rules/meter.ts'
import type { Environment } from '../rules/rule.ts'
import { isValid } from '../schema/is-valid.ts'
import type { ProfileSchema } from '../schema/types.ts'
import { canonicalJson, toCanonical } from '../values/canonical.ts'
import { makeDecimal } from '../values/decimal.ts'
import { fault } from '../values/fault.ts'
import { lift } from '../values/lift.ts'
import { isList, isMap, type Value, type ValueMap } from '../values/value.ts'
import { FOLD_LIMITS } from './limits.ts'
import { makeRoom, takeRoom } from './room.ts'
import type { Situation } from './state.ts'
import { valueToJson } from './value-to-json.ts'

type Fields = Pick<Situation, 'fields' | 'texts'>

/**
 * The document after the assignments. All right sides see the environment, which holds the old one. Throws `RuleFault` if
 * one cannot be computed, or what it gives does not fit the field's schema or the limits.
 */
export function assign(
  definition: LoadedDefinition,
  old: Fields,
  assignments: readonly LoadedAssignment[],
  environment: Environment,
  meter: Meter,
): Fields {
  const changed = new Map<string, Value>()
  for (const { field, index, value, condition } of assignments) {
    if (condition !== undefined && condition.evaluate(environment, meter) !== true) continue
    const key = index?.evaluate(environment, meter)
    const given = value.evaluate(environment, meter)
    const before = changed.get(field) ?? old.fields[field] ?? null
    changed.set(field, key === undefined ? given : replaceAt(before, key, given))
  }
  return changed.size === 0 ? old : withFields(definition, old, changed)
}

function replaceAt(container: Value, key: Value, value: Value): Value {
  if (typeof key === 'string' && (container === null || isMap(container))) {
    return Object.assign(Object.create(null), container, own(key, value))
  }
  if (typeof key !== 'bigint' || (container !== null && !isList(container))) {
    throw fault('NO_OVERLOAD')
  }
  const list = container ?? []
  if (key < 0n || key > BigInt(list.length)) throw fault('OUT_OF_RANGE')
  const at = Number(key)
  return at === list.length ? [...list, value] : list.with(at, value)
}

/** Even for the key `__proto__`. */
function own(key: string, value: Value): ValueMap {
  const map: Record<string, Value> = Object.create(null)
  map[key] = value
  return map
}

function withFields(
  definition: LoadedDefinition,
  old: Fields,
  changed: ReadonlyMap<string, Value>,
): Fields {
  const fields: Record<string, Value> = Object.assign(Object.create(null), old.fields)
  const texts: Record<string, string> = Object.assign(Object.create(null), old.texts)
  const room = makeRoom()
  for (const [name, given] of changed) {
    takeRoom(room, given)
    const schema = definition.fields.get(name)?.schema ?? false
    const value = fit(given, schema)
    fields[name] = value
    texts[name] = canonicalJson(toCanonical(value))
  }
  let size = 0
  for (const text of Object.values(texts)) size += text.length
  if (size > FOLD_LIMITS.document) throw fault('OUT_OF_RANGE')
  return { fields, texts }
}

/**
 * A field may always be emptied; else it holds what its schema says, of the type that its schema says: an int becomes a
 * decimal in a decimal field, and so does the text of one.
 */
function fit(given: Value, schema: ProfileSchema): Value {
  if (given === null) return null
  const asDecimal = typeof schema === 'object' && schema.format === 'decimal'
  const value = asDecimal && typeof given === 'bigint' ? makeDecimal(given, 0) : given
  const json = valueToJson(value, schema)
  if (!isValid(schema, json)) throw fault('NO_OVERLOAD')
  return isList(value) || isMap(value) ? value : lift(json, schema)
}
