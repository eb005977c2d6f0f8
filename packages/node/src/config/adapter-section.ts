import { resolve } from 'node:path'
import { parseByteSize, parseDuration } from '@concordat/protocol'
import { Ajv2020, type AnySchemaObject, type ErrorObject } from 'ajv/dist/2020.js'
import { fault, type KeyLine, type Place, type Spec, suggest } from './spec.ts'
import type { AdapterSchema } from './table-plugins.ts'

/**
 * A plugin's section, checked against its adapter's JSON Schema. Keys may be written in any case; strings with
 * `format: path` become absolute; `format: duration` and `byte-size` are checked.
 */
export function adapterSection(adapter: AdapterSchema): Spec<unknown> {
  const ajv = new Ajv2020({ allErrors: true, strict: false, useDefaults: true, logger: false })
  ajv.addFormat('duration', (value: string) => parses(parseDuration, value))
  ajv.addFormat('byte-size', (value: string) => parses(parseByteSize, value))
  ajv.addFormat('path', true)
  const validate = ajv.compile(adapter.configSchema)
  return {
    read(raw, place) {
      const value = tidy(raw ?? {}, adapter.configSchema, place.baseDir)
      if (!validate(value)) for (const error of validate.errors ?? []) tell(error, place)
      return value
    },
    describe: (path) => describeSchema(adapter.configSchema, path),
  }
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
function tidy(raw: unknown, schema: AnySchemaObject, baseDir: string): unknown {
  if (Array.isArray(raw)) {
    const items = asSchema(schema.items)
    return items === undefined ? raw : raw.map((item) => tidy(item, items, baseDir))
  }
  if (typeof raw === 'string') return schema.format === 'path' ? resolve(baseDir, raw) : raw
  const keys = Object.entries(asSchema(schema.properties) ?? {})
  if (typeof raw !== 'object' || raw === null || keys.length === 0) return raw
  return Object.fromEntries(
    Object.entries(raw)
      .filter(([, value]) => value !== null)
      .map(([written, value]: [string, unknown]) => {
        const known = keys.find(([key]) => key.toLowerCase() === written.toLowerCase())
        const inner = asSchema(known?.[1])
        return [known?.[0] ?? written, inner === undefined ? value : tidy(value, inner, baseDir)]
      }),
  )
}

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
