import { isValid } from '../schema/is-valid.ts'
import type { ProfileSchema } from '../schema/types.ts'
import { toCanonical } from '../values/canonical.ts'
import type { Json, JsonMap, Value } from '../values/value.ts'
import { isList, isMap } from '../values/value.ts'

/** A value as JSON that its schema describes: what `lift` reads. Ints of `format: integer` are texts. */
export function valueToJson(value: Value, schema: ProfileSchema | undefined): Json {
  if (typeof schema === 'object' && schema.oneOf !== undefined) {
    for (const choice of schema.oneOf) {
      const json = valueToJson(value, choice)
      if (isValid(choice, json)) return json
    }
  }
  if (typeof value === 'bigint') {
    const isText = typeof schema === 'object' && schema.format === 'integer'
    return isText ? value.toString() : toCanonical(value)
  }
  if (isList(value)) return value.map((item) => valueToJson(item, itemsOf(schema)))
  return isMap(value) ? mapToJson(value, schema) : toCanonical(value)
}

function mapToJson(
  value: { readonly [key: string]: Value },
  schema: ProfileSchema | undefined,
): JsonMap {
  const map: Record<string, Json> = Object.create(null)
  for (const [key, member] of Object.entries(value)) {
    map[key] = valueToJson(member, memberSchema(schema, key))
  }
  return map
}

const itemsOf = (schema: ProfileSchema | undefined): ProfileSchema | undefined =>
  typeof schema === 'object' ? schema.items : undefined

function memberSchema(schema: ProfileSchema | undefined, key: string): ProfileSchema | undefined {
  if (typeof schema !== 'object') return undefined
  const { properties, additionalProperties } = schema
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key]
  return additionalProperties
}
