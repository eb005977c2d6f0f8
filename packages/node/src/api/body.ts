import { NodeError, parseJson, RawJson, rawPaths } from '@concordat/protocol'
import { HASH_PATTERN, type Route, UUID_PATTERN } from '@concordat/protocol/routes'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

/** Reads and judges the body of one route's requests. */
export interface BodyReader {
  read(text: string): unknown
}

/** Makes readers; each schema is compiled once, when first needed. */
export function createBodyReaders(): (route: Route) => BodyReader {
  const ajv = new Ajv2020({
    coerceTypes: false,
    removeAdditional: false,
    useDefaults: false,
    strict: false,
    validateFormats: false,
  })
  return (route) => {
    const { body } = route
    const options = { raw: rawPaths(...(route.raw ?? [])), refuseNul: true }
    const clean = body && cleaner(body)
    let validate: ValidateFunction | undefined
    return {
      read(text) {
        if (text.trim() === '' && route.bodyOptional) return {}
        const value: unknown = parseJson(text, options)
        if (!body) return value
        clean?.(value)
        validate ??= ajv.compile(body)
        if (!validate(value)) throw toError(validate, value)
        return value
      },
    }
  }
}

/** What is no id or hash is told as such, as FireFly does. */
function toError(validate: ValidateFunction, body: unknown): NodeError {
  const [first] = validate.errors ?? []
  const input = String(first && valueAt(body, first.instancePath)).slice(0, 100)
  const pattern: unknown = first?.params.pattern
  if (pattern === UUID_PATTERN) return new NodeError('FF00138', { input })
  if (pattern === HASH_PATTERN) return new NodeError('FF00139', { input })
  return new NodeError('CC20002', { reason: faults(validate) })
}

/** By a JSON pointer that the validator made. */
const valueAt = (body: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, key) => Object(value)[key], body)

function faults({ errors }: ValidateFunction): string {
  const [first] = errors ?? []
  if (!first) return 'it does not fit the schema'
  return `${first.instancePath === '' ? 'body' : first.instancePath.slice(1)} ${first.message ?? ''}`
}

type Clean = (value: unknown) => void
interface ObjectSchema {
  readonly properties?: Readonly<Record<string, object>>
  readonly items?: object
}

/** Drops null fields, where a schema names them: to a caller null is the same as nothing. User's own JSON is left alone. */
function cleaner(schema: ObjectSchema): Clean | undefined {
  if (schema.items) {
    const inner = cleaner(schema.items)
    return (
      inner &&
      ((value) => {
        if (Array.isArray(value)) for (const item of value) inner(item)
      })
    )
  }
  const { properties } = schema
  if (!properties) return undefined
  const inners = new Map(Object.entries(properties).map(([name, inner]) => [name, cleaner(inner)]))
  return (value) => {
    if (!isObject(value)) return
    for (const name of Object.keys(value)) {
      const inner = inners.get(name)
      const field = value[name]
      if (isNull(field) && inners.has(name)) delete value[name]
      else if (inner) inner(field)
    }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isNull = (value: unknown): boolean =>
  value === null || (value instanceof RawJson && value.text === 'null')
