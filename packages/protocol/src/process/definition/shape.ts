import type { Findings } from './faults.ts'
import { type Path, quote } from './path.ts'
import { suggest } from './suggest.ts'

/** JSON Schema 2020-12, as editors read it. */
export type EditorSchema = boolean | { readonly [keyword: string]: unknown }

/** One part of the format, said once: it checks values, and tells editors what it takes. */
export interface Shape<T> {
  /** What to write: "a list", "a name". */
  readonly noun: string
  readonly schema: EditorSchema
  check(value: unknown, path: Path, findings: Findings): value is T
}

type Check = (value: unknown, path: Path, findings: Findings) => boolean

const shape = <T>(noun: string, schema: EditorSchema, check: Check): Shape<T> => ({
  noun,
  schema,
  check: (value, path, findings): value is T => check(value, path, findings),
})

const wrongType = (expected: string, value: unknown, path: Path, findings: Findings): false => {
  findings.add('WRONG_TYPE', path, { expected, actual: quote(value) })
  return false
}

export type TextLimits = { readonly max: number; readonly pattern?: RegExp; readonly noun?: string }

/** `max` is in code points. Patterns are anchored and linear. */
export function text<T extends string = string>(limits: TextLimits): Shape<T> {
  const { max, pattern, noun = 'a text' } = limits
  const schema = {
    type: 'string',
    minLength: 1,
    maxLength: max,
    ...(pattern === undefined ? {} : { pattern: pattern.source }),
  }
  return shape(noun, schema, (value, path, findings) => {
    if (typeof value !== 'string') return wrongType(noun, value, path, findings)
    if (value.length > 2 * max || (value.length > max && [...value].length > max)) {
      findings.add('TOO_LONG', path, { limit: max })
      return false
    }
    if (value !== '' && (pattern === undefined || pattern.test(value))) return true
    findings.add('BAD_TEXT', path, { value: quote(value), expected: noun })
    return false
  })
}

export function choice<const T extends string | true>(...known: readonly T[]): Shape<T> {
  const noun = known.map((value) => JSON.stringify(value)).join(' or ')
  return shape(noun, { enum: known }, (value, path, findings) => {
    if (known.some((one) => one === value)) return true
    const names = known.map(String)
    const suggestion = suggest(value, names)
    findings.add('NOT_A_CHOICE', path, { value: quote(value), known: names.join(', '), suggestion })
    return false
  })
}

export const flag: Shape<boolean> = shape(
  'true or false',
  { type: 'boolean' },
  (value, path, findings) =>
    typeof value === 'boolean' || wrongType('true or false', value, path, findings),
)

export function whole(least: number, most: number): Shape<number> {
  const noun = 'a whole number'
  const schema = { type: 'integer', minimum: least, maximum: most }
  return shape(noun, schema, (value, path, findings) => {
    if (typeof value !== 'number') return wrongType(noun, value, path, findings)
    if (value >= least && value <= most) return true
    findings.add('OUT_OF_RANGE', path, { value, least, most })
    return false
  })
}

interface Count {
  readonly least?: number
  readonly most: number
}

function checkCount(count: number, limits: Count, path: Path, findings: Findings): boolean {
  const { least = 0, most } = limits
  if (count > most) findings.add('TOO_MANY', path, { count, limit: most })
  if (count < least) findings.add('TOO_FEW', path, { count, limit: least })
  return count >= least && count <= most
}

export function list<T>(item: Shape<T>, limits: Count): Shape<readonly T[]> {
  const { least = 0, most } = limits
  const schema = { type: 'array', items: item.schema, minItems: least, maxItems: most }
  return shape('a list', schema, (value, path, findings) => {
    if (!Array.isArray(value)) return wrongType('a list', value, path, findings)
    if (!checkCount(value.length, limits, path, findings)) return false
    return all(value, (entry, index) => item.check(entry, [...path, index], findings))
  })
}

/** A list of texts, none of them twice. */
export function uniqueTexts(item: Shape<string>, limits: Count): Shape<readonly string[]> {
  const entries = list(item, limits)
  const schema = { ...asObject(entries.schema), uniqueItems: true }
  return shape(entries.noun, schema, (value, path, findings) => {
    if (!entries.check(value, path, findings)) return false
    return all(value, (entry, index) => {
      if (value.indexOf(entry) === index) return true
      findings.add('NOT_UNIQUE', [...path, index], { value: quote(entry) })
      return false
    })
  })
}

/** An object whose keys the author names. */
export function table<T>(
  key: Shape<string>,
  item: Shape<T>,
  limits: Count,
): Shape<{ readonly [name: string]: T }> {
  const { least = 0, most } = limits
  const schema = {
    type: 'object',
    propertyNames: key.schema,
    additionalProperties: item.schema,
    minProperties: least,
    maxProperties: most,
  }
  return shape('an object', schema, (value, path, findings) => {
    if (!isTable(value)) return wrongType('an object', value, path, findings)
    const entries = Object.entries(value)
    if (!checkCount(entries.length, limits, path, findings)) return false
    return all(entries, ([name, entry]) => {
      const place = [...path, name]
      const named = key.check(name, place, findings)
      return item.check(entry, place, findings) && named
    })
  })
}

type Fields<T> = { readonly [K in keyof T]-?: Shape<Exclude<T[K], undefined>> }

/** An object with keys of the format's own. */
export function record<T extends object>(
  fields: Fields<T>,
  required: readonly (keyof T & string)[],
  oneOf: readonly (keyof T & string)[] = [],
): Shape<T> {
  const shapes = new Map<string, Shape<unknown>>(Object.entries(fields))
  const schema = {
    type: 'object',
    properties: Object.fromEntries([...shapes].map(([key, field]) => [key, field.schema])),
    required,
    additionalProperties: false,
    ...(oneOf.length === 0 ? {} : { oneOf: oneOf.map((key) => ({ required: [key] })) }),
  }
  return shape('an object', schema, (value, path, findings) => {
    if (!isTable(value)) return wrongType('an object', value, path, findings)
    const known = all(Object.entries(value), ([key, entry]) => {
      const field = shapes.get(key)
      if (field !== undefined) return field.check(entry, [...path, key], findings)
      findings.add('UNKNOWN_KEY', path, { key, suggestion: suggest(key, shapes.keys()) })
      return false
    })
    const complete = all(required, (key) => {
      if (Object.hasOwn(value, key)) return true
      findings.add('MISSING_KEY', path, { key, expected: shapes.get(key)?.noun ?? 'a value' })
      return false
    })
    if (oneOf.length === 0) return known && complete
    const one = oneOf.filter((key) => Object.hasOwn(value, key)).length === 1
    if (!one) findings.add('EXACTLY_ONE', path, { keys: oneOf.join(', ') })
    return known && complete && one
  })
}

/** The second shape for values of that type, else the first. */
export function either<A, B>(
  first: Shape<A>,
  second: Shape<B>,
  isSecond: (value: unknown) => boolean,
): Shape<A | B> {
  const noun = `${first.noun} or ${second.noun}`
  const schema = { anyOf: [first.schema, second.schema] }
  return shape(noun, schema, (value, path, findings) =>
    (isSecond(value) ? second : first).check(value, path, findings),
  )
}

/** Anything that is JSON; `T` is what later checks make sure of. */
export const unchecked = <T>(noun: string, schema: EditorSchema): Shape<T> =>
  shape(noun, schema, () => true)

/** A shape that editors find under `$defs`. */
export const named = <T>(name: string, inner: Shape<T>): Shape<T> => ({
  ...inner,
  schema: { $ref: `#/$defs/${name}` },
})

export const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const asObject = (schema: EditorSchema): object => (typeof schema === 'object' ? schema : {})

/** Like `every`, but looks at all of them, so that all faults are told. */
function all<T>(items: readonly T[], test: (item: T, index: number) => boolean): boolean {
  let good = true
  items.forEach((item, index) => {
    if (!test(item, index)) good = false
  })
  return good
}
