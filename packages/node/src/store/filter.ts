import { NodeError } from '@concordat/protocol'
import { type Condition, parseCondition } from './filter-condition.ts'
import type { FieldSpec, FilterFields } from './filter-fields.ts'

/** What a list is asked for. */
export interface Filter {
  /** All must hold. */
  readonly where: readonly Condition[]
  /** Empty: newest first. */
  readonly sort: readonly Sort[]
  readonly skip: number
  /** Undefined: all there are. */
  readonly limit: number | undefined
  /** Whether the caller wants to know how many there are in all. */
  readonly count: boolean
}

export interface Sort {
  readonly field: FieldSpec
  readonly descending: boolean
}

export interface FilterLimits {
  readonly defaultLimit: number
  readonly maxLimit: number
  readonly maxSkip: number
}

export const defaultFilterLimits: FilterLimits = { defaultLimit: 25, maxLimit: 1000, maxSkip: 1000 }

export type Query =
  | URLSearchParams
  | Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Reads FireFly's query syntax: `field=<modifiers><operator>text`, repeated fields, `sort`, `skip`, `limit`, `count`.
 * Parameters that name no field are ignored. Throws FF00143, FF00144, FF00145, FF00191, FF00192 or FF00193.
 */
export function parseFilter(
  fields: FilterFields,
  query: Query,
  limits = defaultFilterLimits,
): Filter {
  const values = byName(fields, query)
  const where: Condition[] = []
  for (const [name, texts] of values) {
    const field = fieldOf(fields, name)
    if (field !== undefined && texts.length > 0) where.push(parseCondition(name, field, texts))
  }
  return {
    where,
    sort: parseSort(fields, values),
    skip: parseSkip(values.get('skip')?.[0], limits),
    limit: parseLimit(values.get('limit')?.[0], limits),
    count: isOn(values, 'count'),
  }
}

const fieldOf = (fields: FilterFields, name: string): FieldSpec | undefined =>
  Object.hasOwn(fields, name) ? fields[name] : undefined

/** In lower case, but for those that are known with their case. */
function byName(fields: FilterFields, query: Query): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>()
  const add = (name: string, text: string): void => {
    const key = Object.hasOwn(fields, name) ? name : name.toLowerCase()
    const known = values.get(key)
    if (known === undefined) values.set(key, [text])
    else known.push(text)
  }
  if (query instanceof URLSearchParams) {
    for (const [name, text] of query) add(name, text)
    return values
  }
  for (const [name, texts] of Object.entries(query)) {
    for (const text of typeof texts === 'string' ? [texts] : (texts ?? [])) add(name, text)
  }
  return values
}

function parseSort(
  fields: FilterFields,
  values: ReadonlyMap<string, readonly string[]>,
): readonly Sort[] {
  const force = isOn(values, 'descending') ? true : isOn(values, 'ascending') ? false : undefined
  const sort: Sort[] = []
  for (const part of (values.get('sort') ?? []).flatMap((text) => text.split(','))) {
    const down = part.startsWith('-')
    const field = fieldOf(fields, down ? part.slice(1) : part)
    if (field === undefined || sort.some((known) => known.field === field)) continue
    sort.push({ field, descending: force ?? down })
  }
  return sort
}

function isOn(values: ReadonlyMap<string, readonly string[]>, name: string): boolean {
  const text = values.get(name)?.[0]
  return text === '' || text?.toLowerCase() === 'true'
}

function parseSkip(text: string | undefined, { maxSkip }: FilterLimits): number {
  const skip = wholeNumber(text ?? '0')
  if (skip > maxSkip) throw new NodeError('FF00191', { limit: maxSkip })
  return skip
}

function parseLimit(
  text: string | undefined,
  { defaultLimit, maxLimit }: FilterLimits,
): number | undefined {
  if (text === undefined || text === '') return defaultLimit
  const limit = wholeNumber(text)
  if (limit > maxLimit) throw new NodeError('FF00192', { limit: maxLimit })
  return limit === 0 ? undefined : limit
}

const wholeNumber = (text: string): number => (/^\d+$/.test(text) ? Number(text) : 0)
