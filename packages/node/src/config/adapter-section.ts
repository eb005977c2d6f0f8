import { resolve } from 'node:path'
import { parseByteSize, parseDuration } from '@concordat/protocol'
import {
  Ajv2020,
  type AnySchemaObject,
  type ErrorObject,
  type ValidateFunction,
} from 'ajv/dist/2020.js'
import { fault, type KeyLine, type Place, type Spec, suggest } from './spec.ts'
import type { AdapterSchema } from './table-plugins.ts'

/**
 * A plugin's section, checked against its adapter's JSON Schema. Keys may be written in any case; strings with
 * `format: path` or a name such as `keyFile` become absolute; `format: duration` and `byte-size` are checked.
 */
export function adapterSection(adapter: AdapterSchema): Spec<unknown> {
  let compiled: ValidateFunction | undefined
  return {
    read(raw, place) {
      compiled ??= compile(adapter.configSchema)
      const value = tidy(raw ?? {}, adapter.configSchema, place)
      if (!compiled(value)) for (const error of compiled.errors ?? []) tell(error, place)
      return value
    },
    describe: (path) => describeSchema(adapter.configSchema, path),
  }
}

function compile(schema: AnySchemaObject): ValidateFunction {
  const options = { allErrors: true, strict: false, useDefaults: true, verbose: true }
  const ajv = new Ajv2020({ ...options, logger: false })
  ajv.addFormat('duration', (value: string) => parses(parseDuration, value))
  ajv.addFormat('byte-size', (value: string) => parses(parseByteSize, value))
  ajv.addFormat('path', true)
  return ajv.compile(schema)
}

function parses(parse: (text: string) => unknown, value: string): boolean {
  try {
    parse(value)
    return true
  } catch {
    return false
  }
}

/** A copy with keys in the schema's own case and absolute paths. Goes only as deep as the schema. */
function tidy(raw: unknown, schema: AnySchemaObject, place: Place, key = ''): unknown {
  if (Array.isArray(raw)) {
    const items = asSchema(schema.items)
    return items === undefined ? raw : raw.map((item) => tidy(item, items, place))
  }
  if (typeof raw === 'string') return isPath(key, schema) ? resolve(place.baseDir, raw) : raw
  return typeof raw === 'object' && raw !== null ? tidyKeys(raw, schema, place) : raw
}

function tidyKeys(raw: object, schema: AnySchemaObject, place: Place): unknown {
  const properties = propertiesOf(schema)
  if (properties.length === 0) return raw
  const tidied = new Map<string, unknown>()
  for (const [written, value] of Object.entries(raw)) {
    const known = properties.find(([name]) => name.toLowerCase() === written.toLowerCase())
    const [name, inner] = known ?? [written, {}]
    if (value === null) continue
    if (tidied.has(name)) {
      const here = { ...place, path: `${place.path}.${written}` }
      fault(here, 'stands twice (keys are the same in any case)', 'keep one of the two')
    }
    tidied.set(name, tidy(value, inner, place, name))
  }
  return Object.fromEntries(tidied)
}

/** Keys of a section, those of all its alternatives included. */
const propertiesOf = (schema: AnySchemaObject): [string, AnySchemaObject][] => {
  const alternatives: unknown[] = [schema, ...asList(schema.anyOf), ...asList(schema.oneOf)]
  return alternatives.flatMap((one) =>
    Object.entries(asSchema(asSchema(one)?.properties) ?? {}).map(
      ([key, value]: [string, unknown]): [string, AnySchemaObject] => [key, asSchema(value) ?? {}],
    ),
  )
}

// Adapters name files `…File`, so that relative ones can be told from other texts.
const isPath = (key: string, { format, type }: AnySchemaObject): boolean =>
  format === 'path' || (type === 'string' && /(^f|F)ile$/.test(key))

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

const asSchema = (schema: unknown): AnySchemaObject | undefined =>
  typeof schema === 'object' && schema !== null ? schema : undefined

function tell(error: ErrorObject, place: Place): void {
  const under = error.instancePath.replace(/\/(\d+)/g, '[$1]').replaceAll('/', '.')
  const here = { ...place, path: place.path + under }
  const { additionalProperty, missingProperty } = error.params
  const properties = Object.keys(asSchema(error.parentSchema?.properties) ?? {})
  if (typeof additionalProperty === 'string') {
    fault(
      { ...here, path: `${here.path}.${additionalProperty}` },
      'unknown key',
      suggest(additionalProperty, properties),
    )
  } else if (typeof missingProperty === 'string') {
    fault({ ...here, path: `${here.path}.${missingProperty}` }, 'missing', 'add it')
  } else {
    fault(here, `it ${error.message ?? 'is not valid'}`, mendOf(error))
  }
}

const mendOf = ({ parentSchema }: ErrorObject): string => {
  const description: unknown = parentSchema?.description
  return typeof description === 'string'
    ? `it is: ${description}`
    : 'see the reference of the configuration'
}

function describeSchema(schema: AnySchemaObject, path: string): KeyLine[] {
  return Object.entries(asSchema(schema.properties) ?? {}).flatMap(([key, value]) => {
    const inner = asSchema(value) ?? {}
    const at = inner.type === 'array' ? `${path}.${key}[]` : `${path}.${key}`
    const content = inner.type === 'array' ? (asSchema(inner.items) ?? {}) : inner
    if (asSchema(content.properties) !== undefined) return describeSchema(content, at)
    return [
      {
        path: at,
        type: typeName(content),
        fallback:
          inner.default === undefined ? isRequired(schema, key) : JSON.stringify(inner.default),
        description: typeof inner.description === 'string' ? inner.description : '',
      },
    ]
  })
}

const isRequired = (schema: AnySchemaObject, key: string): string =>
  Array.isArray(schema.required) && schema.required.includes(key) ? '(required)' : ''

function typeName(schema: AnySchemaObject): string {
  if (typeof schema.format === 'string') return schema.format
  if (Array.isArray(schema.enum)) return schema.enum.map((word) => `\`${word}\``).join(', ')
  return typeof schema.type === 'string' ? schema.type : 'any'
}
