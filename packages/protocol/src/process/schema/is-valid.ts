import type { Json, JsonMap } from '../values/value.ts'
import { equalJson } from './equal-json.ts'
import { hasFormat } from './formats.ts'
import type { ProfileSchema, ProfileSchemaObject, SchemaType } from './types.ts'

/**
 * Whether `json` fits a schema that was checked and expanded. Its answer is part of a verdict, so it says no more than
 * yes or no; it does not look at the host, and its work is bounded by the sizes of both.
 */
export function isValid(schema: ProfileSchema, json: Json): boolean {
  if (typeof schema === 'boolean') return schema
  if (schema.$ref !== undefined) return false
  if (schema.oneOf !== undefined) return fitsOne(schema.oneOf, json)
  if (!hasType(schema.type, json)) return false
  if (schema.const !== undefined && !equalJson(schema.const, json)) return false
  if (schema.enum?.some((value) => equalJson(value, json)) === false) return false
  if (typeof json === 'string') return fitsText(schema, json)
  if (typeof json === 'number') return between(schema.minimum, json, schema.maximum)
  if (typeof json !== 'object' || json === null) return true
  return isList(json) ? fitsList(schema, json) : fitsObject(schema, json)
}

export function typeOfJson(json: Json): SchemaType {
  if (json === null) return 'null'
  if (typeof json === 'boolean') return 'boolean'
  if (typeof json === 'number') return 'integer'
  if (typeof json === 'string') return 'string'
  return isList(json) ? 'array' : 'object'
}

function hasType(type: ProfileSchemaObject['type'], json: Json): boolean {
  if (type === undefined) return true
  const actual = typeOfJson(json)
  return typeof type === 'string' ? type === actual : type.includes(actual)
}

/** A checked schema's choices differ in a constant, so at most one can fit. */
const fitsOne = (choices: readonly ProfileSchema[], json: Json): boolean =>
  choices.some((choice) => isValid(choice, json))

function fitsText(schema: ProfileSchemaObject, text: string): boolean {
  const { minLength, maxLength, format } = schema
  if (maxLength !== undefined && text.length > 2 * maxLength) return false
  if (minLength !== undefined || maxLength !== undefined) {
    if (!between(minLength, codePoints(text), maxLength)) return false
  }
  return format === undefined || hasFormat(text, format)
}

function fitsList(schema: ProfileSchemaObject, list: readonly Json[]): boolean {
  if (!between(schema.minItems, list.length, schema.maxItems)) return false
  const { items } = schema
  return items === undefined || list.every((item) => isValid(items, item))
}

function fitsObject(schema: ProfileSchemaObject, object: JsonMap): boolean {
  if (schema.required?.every((key) => Object.hasOwn(object, key)) === false) return false
  const { properties, additionalProperties = true } = schema
  return Object.entries(object).every(([key, value]) => {
    const known = properties !== undefined && Object.hasOwn(properties, key)
    const property = known ? properties[key] : undefined
    return isValid(property ?? additionalProperties, value)
  })
}

const between = (least: number | undefined, value: number, most: number | undefined): boolean =>
  value >= (least ?? -Infinity) && value <= (most ?? Infinity)

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

const isList = (json: Json): json is readonly Json[] => Array.isArray(json)
