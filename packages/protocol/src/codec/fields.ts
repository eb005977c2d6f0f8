import { NodeError } from '../errors/node-error.ts'
import { parseHash } from '../hash/hex.ts'
import { RawJson } from '../json/raw-json.ts'
import { normalTime } from '../text/time.ts'
import { parseUuid } from '../text/uuid.ts'

/**
 * The members of a received object, by type. Absent and `null` are alike: an empty text, list or object.
 * Scalars come out in the one spelling that hashes are made of. Throws CC20701, naming the place.
 */
export class Fields {
  readonly #members: Readonly<Record<string, unknown>>
  readonly #path: string

  constructor(value: unknown, path: string) {
    if (!isObject(value)) throw invalid(path, 'an object')
    this.#members = value
    this.#path = path
  }

  text(key: string): string {
    const value = this.#members[key]
    if (value === undefined || value === null) return ''
    if (!isText(value)) throw invalid(this.#place(key), 'text')
    return detached(value)
  }

  /** A name of a fixed set; case does not matter. */
  choice(key: string): string {
    return this.text(key).toLowerCase()
  }

  uuid(key: string): string {
    const text = this.text(key)
    if (text === '') return ''
    const uuid = parseUuid(text)
    if (uuid === undefined) throw invalid(this.#place(key), 'a UUID')
    return uuid
  }

  hash(key: string): string {
    const value = this.#members[key]
    if (value === undefined || value === null) return ''
    const hash = typeof value === 'string' ? parseHash(detached(value)) : undefined
    if (hash === undefined) throw invalid(this.#place(key), 'a 32-byte hash')
    return hash
  }

  time(key: string): string {
    const value = this.#members[key]
    if (value === undefined || value === null || value === '') return ''
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw invalid(this.#place(key), 'a time')
    }
    try {
      return normalTime(detached(String(value)))
    } catch (cause) {
      throw invalid(this.#place(key), 'a time', cause)
    }
  }

  integer(key: string): number {
    const value = this.#members[key] ?? 0
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value
    throw invalid(this.#place(key), 'a whole number')
  }

  /** User JSON kept as text; `null` counts as none. */
  raw(key: string): RawJson | undefined {
    const value = this.#members[key]
    if (!(value instanceof RawJson) || value.text === 'null') return undefined
    return new RawJson(detached(value.text))
  }

  texts(key: string): string[] {
    const list = this.#list(key)
    for (const text of list) {
      if (!isText(text)) throw invalid(this.#place(key), 'a list of texts')
    }
    return list.map((text) => detached(String(text)))
  }

  object(key: string): Fields | undefined {
    const value = this.#members[key]
    if (value === undefined || value === null) return undefined
    return new Fields(value, this.#place(key))
  }

  objects(key: string): Fields[] {
    return this.#list(key).map((value, i) => new Fields(value, `${this.#place(key)}.${i}`))
  }

  /** `text`, unless it is empty. */
  required(key: string, text: string): string {
    if (text === '') throw new NodeError('CC20701', { reason: `${this.#place(key)} is missing` })
    return text
  }

  #list(key: string): readonly unknown[] {
    const value = this.#members[key] ?? []
    if (Array.isArray(value)) return value
    throw invalid(this.#place(key), 'a list')
  }

  #place(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`
  }
}

// A part of a text keeps the whole of it in memory; what outlives the batch must not.
const detached = (text: string): string => (text.length < 13 ? text : ` ${text}`.slice(1))

// U+0000 means nothing in a text, and not every database can keep it.
const isText = (value: unknown): value is string =>
  typeof value === 'string' && !value.includes('\u0000')

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const invalid = (place: string, expected: string, cause?: unknown): NodeError =>
  new NodeError('CC20701', { reason: `${place || 'it'} is not ${expected}` }, { cause })
