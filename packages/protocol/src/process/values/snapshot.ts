import { Decimal, parseDecimal } from './decimal.ts'
import { fault } from './fault.ts'
import { parseInteger } from './integer.ts'
import type { Json, JsonMap, Value } from './value.ts'

/**
 * A value as JSON that `decodeValue` turns back into the same value, types and all: null, booleans, texts and lists as
 * they are, else `{"int": "5"}`, `{"decimal": "1.5"}`, `{"map": {…}}`. For a node's own keeping, never for hashes.
 */
export function encodeValue(value: Value): Json {
  if (typeof value === 'bigint') return tagged('int', value.toString())
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Decimal) return tagged('decimal', value.toString())
  if (Array.isArray(value)) return value.map(encodeValue)
  const map: Record<string, Json> = Object.create(null)
  for (const [key, member] of Object.entries(value)) map[key] = encodeValue(member)
  return tagged('map', map)
}

/** The value that `encodeValue` was given. Throws NOT_JSON for anything it does not write. */
export function decodeValue(json: Json): Value {
  if (typeof json === 'number') throw fault('NOT_JSON')
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map(decodeValue)
  const [entry, ...others] = Object.entries(json)
  if (entry === undefined || others.length > 0) throw fault('NOT_JSON')
  return decodeTagged(...entry)
}

function decodeTagged(tag: string, content: Json): Value {
  if (tag === 'int' && typeof content === 'string') return parseInteger(content)
  if (tag === 'decimal' && typeof content === 'string') return parseDecimal(content)
  if (tag !== 'map' || !isMapOfJson(content)) throw fault('NOT_JSON')
  const map: Record<string, Value> = Object.create(null)
  for (const [key, member] of Object.entries(content)) map[key] = decodeValue(member)
  return map
}

const isMapOfJson = (json: Json): json is JsonMap =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

function tagged(tag: string, content: Json): Json {
  const object: Record<string, Json> = Object.create(null)
  object[tag] = content
  return object
}
