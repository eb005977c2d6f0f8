import type { LoadedDefinition } from '../definition/loaded.ts'
import type { ProfileSchema, ProfileSchemaObject, SchemaType } from '../schema/types.ts'
import type { Json } from '../values/value.ts'

/**
 * TypeScript types of a definition: its document, its stages, the input of each step and who may take it. Decimals and
 * big integers are texts, as on the wire.
 */
export function toTypes(definition: LoadedDefinition): string {
  const { document, hash, roles, fields, tracks, steps } = definition
  const base = pascal(document.name)
  const state = [...fields.values()].map(
    ({ name, schema }) => `  readonly ${name}: ${orNull(typeOf(schema, '  '))}`,
  )
  const stages = [...tracks.values()].map(
    ({ name, values }) => `  readonly ${name}: ${union(values)}`,
  )
  const inputs = [...steps.values()].map(({ name, by, input, document: { title } }) => [
    ...(title === undefined ? [] : [`  /** ${comment(title)} */`]),
    `  readonly ${name}: {`,
    `    readonly role: ${union([...by])}`,
    `    readonly input: ${typeOf(input, '    ')}`,
    '  }',
  ])
  const deadlines = [...definition.deadlines.keys()]
  return `${[
    `/** ${comment(document.title ?? document.name)}, version ${document.version}: definition ${hash}. */`,
    `export const ${camel(document.name)}Hash = '${hash}'`,
    '',
    `export type ${base}Role = ${union(roles)}`,
    `export type ${base}Deadline = ${union(deadlines)}`,
    '',
    `export interface ${base}State {`,
    ...state,
    '}',
    '',
    `export interface ${base}Stages {`,
    ...stages,
    '}',
    '',
    '/** By step: who may take it, with what input. */',
    `export interface ${base}Steps {`,
    ...inputs.flat(),
    '}',
    '',
    '/** All of it. */',
    `export interface ${base}Process {`,
    ...['Role', 'Stages', 'State', 'Steps'].map(
      (part) => `  readonly ${part.toLowerCase()}: ${base}${part}`,
    ),
    '}',
  ].join('\n')}\n`
}

function typeOf(schema: ProfileSchema, indent: string): string {
  if (schema === true) return 'unknown'
  if (schema === false) return 'never'
  if (schema.oneOf !== undefined) {
    return schema.oneOf.map((choice) => typeOf(choice, indent)).join(' | ')
  }
  if (schema.const !== undefined) return literal(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ')
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type
  if (types === undefined) return 'unknown'
  return types.map((type) => typeOfKind(type, schema, indent)).join(' | ')
}

function typeOfKind(type: SchemaType, schema: ProfileSchemaObject, indent: string): string {
  if (type === 'integer') return 'number'
  if (type === 'array') return `readonly (${typeOf(schema.items ?? true, indent)})[]`
  return type === 'object' ? objectType(schema, indent) : type
}

function objectType(schema: ProfileSchemaObject, indent: string): string {
  const { properties = {}, required = [], additionalProperties = true } = schema
  const inner = `${indent}  `
  const lines = Object.entries(properties).map(([name, property]) => {
    const mark = required.includes(name) ? '' : '?'
    return `${inner}readonly ${key(name)}${mark}: ${typeOf(property, inner)}`
  })
  const open = additionalProperties !== false
  if (lines.length === 0) {
    if (!open) return 'Readonly<Record<string, never>>'
    return `Readonly<Record<string, ${typeOf(additionalProperties, indent)}>>`
  }
  // TypeScript cannot say "any other name" beside known ones of other types.
  if (open) lines.push(`${inner}readonly [name: string]: unknown`)
  return `{\n${lines.join('\n')}\n${indent}}`
}

const orNull = (type: string): string => (type === 'unknown' ? type : `${type} | null`)

const union = (names: readonly string[]): string =>
  names.length === 0 ? 'never' : names.map((name) => `'${name}'`).join(' | ')

/** A value as a type. */
function literal(value: Json): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `readonly [${value.map(literal).join(', ')}]`
  const entries = Object.entries(value).map(
    ([name, inner]) => `readonly ${key(name)}: ${literal(inner)}`,
  )
  return `{ ${entries.join('; ')} }`
}

const quoted = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`

const key = (name: string): string =>
  /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : quoted(name)

const comment = (text: string): string => text.replace(/\*\//g, '* /').replace(/\s+/g, ' ')

const camel = (name: string): string =>
  name.replace(/-+([a-z0-9]?)/g, (_, letter: string) => letter.toUpperCase())

const pascal = (name: string): string => camel(`-${name}`)
