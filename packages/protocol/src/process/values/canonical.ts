import { Decimal } from './decimal.ts'
import { fault } from './fault.ts'
import type { Json, Value } from './value.ts'

/** Deepest nesting that is written: a definition, or a state around values of the depth that rules may give. */
const MAX_DEPTH = 64

/**
 * RFC 8785 of plain JSON data. Throws NOT_JSON for fractions, unsafe integers, -0, half surrogate pairs, `undefined`,
 * holes and objects of a class; TOO_DEEP beyond 64.
 */
export const canonicalJson = (data: unknown): string => write(data, 0)

function write(data: unknown, depth: number): string {
  if (data === null || typeof data === 'boolean') return String(data)
  if (typeof data === 'string') return writeText(data)
  if (typeof data === 'number') return writeNumber(data)
  if (typeof data !== 'object') throw fault('NOT_JSON')
  if (depth >= MAX_DEPTH) throw fault('TOO_DEEP')
  return Array.isArray(data) ? writeList(data, depth + 1) : writeObject(data, depth + 1)
}

function writeText(text: string): string {
  if (!text.isWellFormed()) throw fault('NOT_JSON')
  return JSON.stringify(text)
}

function writeNumber(number: number): string {
  if (!Number.isSafeInteger(number) || Object.is(number, -0)) throw fault('NOT_JSON')
  return String(number)
}

function writeList(list: readonly unknown[], depth: number): string {
  let text = ''
  // By index, because other ways of walking skip holes.
  for (let i = 0; i < list.length; i++) text += (i === 0 ? '' : ',') + write(list[i], depth)
  return `[${text}]`
}

function writeObject(object: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== null && prototype !== Object.prototype) throw fault('NOT_JSON')
  const members: [string, unknown][] = Object.entries(object)
  // RFC 8785 sorts by UTF-16 units, and so does `<`.
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  let text = ''
  for (const [key, member] of members) {
    text += `${text === '' ? '' : ','}${writeText(key)}:${write(member, depth)}`
  }
  return `{${text}}`
}

/** A value as it stands in records, states and hashes: ints beyond 2^53−1 and all decimals as canonical texts. */
export const toCanonical = (value: Value): Json => canonical(value, 0)

function canonical(value: Value, depth: number): Json {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value.toString()
  }
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Decimal) return value.toString()
  if (depth >= MAX_DEPTH) throw fault('TOO_DEEP')
  if (Array.isArray(value)) return value.map((element: Value) => canonical(element, depth + 1))
  const map: Record<string, Json> = Object.create(null)
  for (const [key, member] of Object.entries(value)) map[key] = canonical(member, depth + 1)
  return map
}
