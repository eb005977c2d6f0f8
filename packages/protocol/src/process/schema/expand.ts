import type { Findings } from '../definition/faults.ts'
import { type Path, quote } from '../definition/path.ts'
import { suggest } from '../definition/suggest.ts'
import type { Json, JsonMap } from '../values/value.ts'
import { checkChoices } from './choices.ts'
import { formats, isFormat } from './formats.ts'
import { isKeyword, keywordNames, keywords, REFUSED_KEYWORDS } from './keywords.ts'
import type { ProfileSchema, ProfileSchemaObject, SchemaType } from './types.ts'

export const SCHEMA_LIMITS = {
  /** Schemas within one schema, references written out. */
  parts: 2000,
  depth: 16,
  /** Over all schemas of a definition. */
  allParts: 20_000,
} as const

/** Counts over all schemas of one definition. */
export interface SchemaBudget {
  left: number
}

interface Expansion {
  readonly findings: Findings
  readonly definitions: JsonMap
  readonly budget: SchemaBudget
  left: number
}

interface Place {
  readonly path: Path
  readonly depth: number
  /** Names of `$defs` that are being written out. */
  readonly within: readonly string[]
}

const TYPES: readonly SchemaType[] = ['null', 'boolean', 'integer', 'string', 'array', 'object']
const LIMIT_PAIRS = [
  ['minItems', 'maxItems'],
  ['minLength', 'maxLength'],
  ['minimum', 'maximum'],
] as const
const BESIDE_REFERENCE = ['$ref', '$defs', 'title', 'description', 'default']
const BESIDE_CHOICE = ['oneOf', '$defs', 'title', 'description', 'default', 'type']

/**
 * Checks a schema against the profile and writes its references out, within limits on parts and depth: from then on,
 * checking data costs no more than the sizes of both. Undefined if anything is wrong.
 */
export function expandSchema(
  schema: unknown,
  path: Path,
  findings: Findings,
  budget: SchemaBudget = { left: SCHEMA_LIMITS.allParts },
): ProfileSchema | undefined {
  const before = findings.count
  const definitions = isObject(schema) && isObject(schema.$defs) ? schema.$defs : {}
  const expansion = { findings, definitions, budget, left: SCHEMA_LIMITS.parts }
  const expanded = expand(schema, { path, depth: 0, within: [] }, expansion)
  for (const [name, definition] of Object.entries(definitions)) {
    const place = { path: [...path, '$defs', name], depth: 1, within: [name] }
    expand(definition, place, expansion)
  }
  return findings.count === before ? expanded : undefined
}

function expand(schema: unknown, place: Place, expansion: Expansion): ProfileSchema {
  const { findings } = expansion
  if (expansion.left === 0 || expansion.budget.left === 0) return tooLarge(place, expansion)
  expansion.left--
  expansion.budget.left--
  if (place.depth > SCHEMA_LIMITS.depth) {
    findings.add('SCHEMA_TOO_DEEP', place.path.slice(0, 3), { limit: SCHEMA_LIMITS.depth })
    return false
  }
  if (typeof schema === 'boolean') return schema
  if (!isObject(schema)) {
    const expected = 'a schema (an object, true or false)'
    findings.add('WRONG_TYPE', place.path, { expected, actual: quote(schema) })
    return false
  }
  checkKeywords(schema, place, findings)
  if (schema.$ref !== undefined) return follow(schema, place, expansion)
  return Object.freeze(inner(schema, place, expansion))
}

function tooLarge(place: Place, { findings, left }: Expansion): false {
  const limit = left === 0 ? SCHEMA_LIMITS.parts : SCHEMA_LIMITS.allParts
  findings.add('SCHEMA_TOO_LARGE', place.path.slice(0, 3), { limit })
  return false
}

function follow(schema: JsonMap, place: Place, expansion: Expansion): ProfileSchema {
  const { findings, definitions } = expansion
  const path = [...place.path, '$ref']
  const { $ref } = schema
  const name = typeof $ref === 'string' ? $ref.slice('#/$defs/'.length) : ''
  const target = Object.hasOwn(definitions, name) ? definitions[name] : undefined
  if ($ref !== `#/$defs/${name}` || target === undefined) {
    findings.add('SCHEMA_REF', path, { value: quote($ref) })
    return false
  }
  if (place.within.includes(name)) {
    findings.add('SCHEMA_RECURSION', path, { value: quote($ref) })
    return false
  }
  return expand(target, { ...place, path, within: [...place.within, name] }, expansion)
}

/** The schema with every schema in it written out. */
function inner(schema: JsonMap, place: Place, expansion: Expansion): ProfileSchemaObject {
  const result: Record<string, unknown> = Object.create(null)
  for (const [key, value] of Object.entries(schema)) {
    if (key !== '$defs') result[key] = innerValue(key, value, place, expansion)
  }
  return result
}

function innerValue(key: string, value: Json, place: Place, expansion: Expansion): unknown {
  const { findings } = expansion
  const go = (child: Json, ...steps: Path): ProfileSchema =>
    expand(child, { ...place, path: [...place.path, ...steps], depth: place.depth + 1 }, expansion)
  if (key === 'items' || key === 'additionalProperties') return go(value, key)
  if (key === 'properties' && isObject(value)) {
    const properties: Record<string, ProfileSchema> = Object.create(null)
    for (const [name, child] of Object.entries(value)) properties[name] = go(child, key, name)
    return Object.freeze(properties)
  }
  if (key !== 'oneOf' || !isList(value)) return value
  const before = findings.count
  const choices = value.map((child, index) => go(child, key, index))
  if (findings.count === before) checkChoices(choices, [...place.path, key], findings)
  return Object.freeze(choices)
}

function checkKeywords(schema: JsonMap, place: Place, findings: Findings): void {
  const { path, depth } = place
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'type') checkType(value, [...path, key], findings)
    else if (key === 'format') checkFormat(schema, [...path, key], findings)
    else if (
      key === '$ref' ||
      (key !== '$defs' && isKeyword(key)) ||
      (key === '$defs' && depth === 0)
    )
      checkValue(key, value, path, findings)
    else refuseKeyword(key, path, findings)
  }
  for (const [least, most] of LIMIT_PAIRS) {
    const [low, high] = [schema[least], schema[most]]
    if (typeof low === 'number' && typeof high === 'number' && low > high) {
      findings.add('SCHEMA_LIMITS', path, { least, most })
    }
  }
  checkAlone(schema, '$ref', BESIDE_REFERENCE, path, findings)
  checkAlone(schema, 'oneOf', BESIDE_CHOICE, path, findings)
  checkRequired(schema, path, findings)
}

function checkValue(key: string, value: Json, path: Path, findings: Findings): void {
  if (!isKeyword(key)) return
  const [expected, test] = keywords[key]
  if (!test(value)) findings.add('SCHEMA_VALUE', [...path, key], { key, expected })
}

function refuseKeyword(key: string, path: Path, findings: Findings): void {
  const known = Object.hasOwn(REFUSED_KEYWORDS, key) ? REFUSED_KEYWORDS[key] : undefined
  const suggestion =
    key === '$defs' ? 'Move it to the top of the schema.' : (known ?? suggest(key, keywordNames))
  findings.add('SCHEMA_KEYWORD', path, { key, suggestion })
}

function checkType(type: Json, path: Path, findings: Findings): void {
  const types = isList(type) ? type : [type]
  if (types.length === 0 || new Set(types).size !== types.length) {
    const expected = 'a type, or a list of types, none of them twice'
    findings.add('SCHEMA_VALUE', path, { key: 'type', expected })
  }
  for (const one of types) {
    if (TYPES.some((known) => known === one)) continue
    const suggestion =
      one === 'number'
        ? 'Write "type: integer", or "type: string" with "format: decimal".'
        : suggest(one, TYPES)
    findings.add('SCHEMA_TYPE', path, { value: quote(one), suggestion })
  }
}

function checkFormat(schema: JsonMap, path: Path, findings: Findings): void {
  const { format, type } = schema
  if (!isFormat(format)) {
    const suggestion = suggest(format, Object.keys(formats))
    findings.add('SCHEMA_FORMAT', path, { value: quote(format), suggestion })
  } else if (type !== 'string' && !(isList(type) && type.includes('string'))) {
    findings.add('SCHEMA_VALUE', path, { key: 'format', expected: 'used with "type: string"' })
  }
}

/** `$ref` and `oneOf` decide alone: what stood beside them would be read in one place and not in another. */
function checkAlone(
  schema: JsonMap,
  key: string,
  beside: readonly string[],
  path: Path,
  findings: Findings,
): void {
  if (!Object.hasOwn(schema, key)) return
  for (const other of Object.keys(schema)) {
    if (beside.includes(other) || !isKeyword(other)) continue
    const suggestion = `Remove it, or move it to where "${key}" leads.`
    findings.add('SCHEMA_KEYWORD', path, { key: other, suggestion })
  }
}

function checkRequired(schema: JsonMap, path: Path, findings: Findings): void {
  const { required, properties, additionalProperties } = schema
  if (!isList(required) || additionalProperties !== false) return
  const known = isObject(properties) ? properties : {}
  const missing = required.find((key) => typeof key === 'string' && !Object.hasOwn(known, key))
  if (missing === undefined) return
  const expected = `of names under "properties", unlike ${quote(missing)}`
  findings.add('SCHEMA_VALUE', [...path, 'required'], { key: 'required', expected })
}

const isObject = (json: unknown): json is JsonMap =>
  typeof json === 'object' && json !== null && !Array.isArray(json)
const isList = (json: unknown): json is readonly Json[] => Array.isArray(json)
