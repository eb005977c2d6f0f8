import { parseDecimal } from './decimal.ts'
import { fault } from './fault.ts'
import { parseInteger } from './integer.ts'
import type { Json, JsonMap, Value } from './value.ts'

const MAX_DEPTH = 64
const MAX_REFERENCES = 16

type Schema = Readonly<Record<string, unknown>>

/**
 * Reads JSON that is valid under `schema` as a value: numbers as ints, texts of `format: integer` as ints and of
 * `format: decimal` as decimals. `$ref` looks into `$defs` of `root`. Throws BAD_NUMBER, INT_OVERFLOW, DECIMAL_OVERFLOW
 * or TOO_DEEP.
 */
export const lift = (json: Json, schema: unknown, root: unknown = schema): Value =>
  read(json, schema, { root, depth: 0 })

interface Place {
  readonly root: unknown
  readonly depth: number
}

function read(json: Json, given: unknown, place: Place): Value {
  if (typeof json === 'number') {
    if (!Number.isSafeInteger(json)) throw fault('BAD_NUMBER')
    return BigInt(json)
  }
  if (json === null || typeof json === 'boolean') return json
  const schema = resolve(given, json, place.root)
  if (typeof json === 'string') return readText(json, schema)
  if (place.depth >= MAX_DEPTH) throw fault('TOO_DEEP')
  const inner = { root: place.root, depth: place.depth + 1 }
  if (isListOfJson(json)) return json.map((element) => read(element, schema.items, inner))
  return readObject(json, schema, inner)
}

function readText(text: string, schema: Schema): Value {
  if (schema.format === 'decimal') return parseDecimal(text)
  return schema.format === 'integer' ? parseInteger(text) : text
}

function readObject(json: JsonMap, schema: Schema, place: Place): Value {
  const properties = asSchema(schema.properties)
  const map: Record<string, Value> = Object.create(null)
  for (const [key, member] of Object.entries(json)) {
    const known = Object.hasOwn(properties, key)
    map[key] = read(member, known ? properties[key] : schema.additionalProperties, place)
  }
  return map
}

/** The schema that applies: references followed, of `oneOf` the branch whose constants are met. */
function resolve(given: unknown, json: Json, root: unknown): Schema {
  let schema = asSchema(given)
  for (let i = 0; i < MAX_REFERENCES; i++) {
    if (typeof schema.$ref === 'string') {
      schema = follow(schema.$ref, root)
    } else if (Array.isArray(schema.oneOf)) {
      const branches: readonly unknown[] = schema.oneOf
      schema = asSchema(branches.find((branch) => isMet(branch, json, root)))
    } else {
      return schema
    }
  }
  return {}
}

function follow(reference: string, root: unknown): Schema {
  const name = reference.startsWith('#/$defs/') ? reference.slice('#/$defs/'.length) : ''
  const definitions = asSchema(asSchema(root).$defs)
  return Object.hasOwn(definitions, name) ? asSchema(definitions[name]) : {}
}

function isMet(branch: unknown, json: Json, root: unknown): boolean {
  let schema = asSchema(branch)
  for (let i = 0; i < MAX_REFERENCES && typeof schema.$ref === 'string'; i++) {
    schema = follow(schema.$ref, root)
  }
  if (Object.hasOwn(schema, 'const')) return schema.const === json
  if (typeof json !== 'object' || json === null || isListOfJson(json)) return true
  return Object.entries(asSchema(schema.properties)).every(([key, property]) => {
    const expected = asSchema(property)
    if (!Object.hasOwn(expected, 'const')) return true
    return Object.hasOwn(json, key) && json[key] === expected.const
  })
}

const isListOfJson = (json: Json): json is readonly Json[] => Array.isArray(json)

const isSchema = (schema: unknown): schema is Schema =>
  typeof schema === 'object' && schema !== null && !Array.isArray(schema)

const asSchema = (schema: unknown): Schema => (isSchema(schema) ? schema : {})
