import type { ProfileSchema, SchemaFormat } from '../schema/types.ts'
import type { Json } from '../values/value.ts'

/** For readers that do not know our formats; the node itself checks by the formats. */
const PATTERNS: Readonly<Partial<Record<SchemaFormat, string>>> = {
  decimal: '^-?(0|[1-9][0-9]*)(\\.[0-9]{1,18})?$',
  did: '^did:[a-z0-9]+:',
  hash: '^[0-9a-f]{64}$',
  integer: '^-?(0|[1-9][0-9]{0,77})$',
}

/** A checked schema as ordinary JSON Schema, with patterns for the formats that are our own. */
export function publicSchema(schema: ProfileSchema): Json {
  if (typeof schema === 'boolean') return schema
  const { properties, additionalProperties, items, oneOf, $defs: _, ...rest } = schema
  const pattern = schema.format === undefined ? undefined : PATTERNS[schema.format]
  return {
    ...plain(rest),
    ...(pattern === undefined ? {} : { pattern }),
    ...(properties === undefined ? {} : { properties: mapValues(properties) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: publicSchema(additionalProperties) }),
    ...(items === undefined ? {} : { items: publicSchema(items) }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map(publicSchema) }),
  }
}

const mapValues = (schemas: { readonly [name: string]: ProfileSchema }): Json =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, publicSchema(schema)]))

/** Keywords without schemas in them are JSON as they are. */
const plain = (keywords: object): { readonly [key: string]: Json } => ({ ...keywords })
