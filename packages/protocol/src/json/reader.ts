import { NodeError } from '../errors/node-error.ts'
import { compact } from './compact.ts'
import { RawJson } from './raw-json.ts'
import type { RawPaths } from './raw-paths.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const SIMPLE_ESCAPES = '"\\/bfnrt'
const HEX4 = /^[0-9a-fA-F]{4}$/

type Container = unknown[] | Record<string, unknown>

/** Marks a container that was opened but not yet filled. */
const OPENED = Symbol('opened')

/**
 * Reads one JSON document without recursion. Inside a kept region nothing is built, only checked;
 * `dirty` tells whether the region's text differs from its canonical form.
 */
export class JsonReader {
  readonly #text: string
  readonly #maxDepth: number
  readonly #strict: boolean
  #pos = 0
  #dirty = false
  /** Depth at which the kept region began, or -1 outside of one. */
  #keptAt = -1
  #keptFrom = 0
  #nulAt = -1
  readonly #containers: (Container | undefined)[] = []
  readonly #lists: boolean[] = []
  readonly #keys: string[] = []
  readonly #paths: (RawPaths | undefined)[] = []

  constructor(text: string, maxDepth: number, strict = false) {
    this.#text = text
    this.#maxDepth = maxDepth
    this.#strict = strict
  }

  /** Where the first escaped U+0000 was read, or -1. */
  get nulAt(): number {
    return this.#nulAt
  }

  read(paths: RawPaths): unknown {
    let path: RawPaths | undefined = paths
    for (;;) {
      let value = this.#value(path)
      for (;;) {
        if (value === OPENED) break
        value = this.#leaveKept(value)
        if (this.#lists.length === 0) return this.#end(value)
        this.#attach(value)
        if (this.#next()) break
        value = this.#close()
      }
      path = this.#pathOfNext()
    }
  }

  #end(value: unknown): unknown {
    this.#space()
    if (this.#pos < this.#text.length) this.#fail('unexpected text after the value')
    return value
  }

  /** Reads a scalar or an empty container whole; or opens a container and answers OPENED. */
  #value(path: RawPaths | undefined): unknown {
    this.#space()
    if (path?.keep === true && this.#keptAt < 0) {
      this.#keptAt = this.#lists.length
      this.#keptFrom = this.#pos
      this.#dirty = false
    }
    const code = this.#text.charCodeAt(this.#pos)
    if (code === QUOTE) return this.#string()
    if (code === OPEN_OBJECT) return this.#open(false, path)
    if (code === OPEN_LIST) return this.#open(true, path)
    if (code === MINUS || (code >= ZERO && code <= NINE)) return this.#number()
    return this.#word(code)
  }

  #open(list: boolean, path: RawPaths | undefined): unknown {
    if (this.#lists.length >= this.#maxDepth) {
      this.#fail(`nested more than ${this.#maxDepth} deep`)
    }
    this.#pos++
    const container = this.#keptAt >= 0 ? undefined : list ? [] : this.#emptyObject()
    this.#space()
    if (this.#text.charCodeAt(this.#pos) === (list ? CLOSE_LIST : CLOSE_OBJECT)) {
      this.#pos++
      return container
    }
    this.#containers.push(container)
    this.#lists.push(list)
    this.#paths.push(path)
    this.#keys.push(list ? '' : this.#key())
    return OPENED
  }

  #emptyObject(): Record<string, unknown> {
    return this.#strict ? Object.create(null) : {}
  }

  #close(): unknown {
    this.#lists.pop()
    this.#keys.pop()
    this.#paths.pop()
    return this.#containers.pop()
  }

  #leaveKept(value: unknown): unknown {
    if (this.#keptAt !== this.#lists.length) return value
    this.#keptAt = -1
    const text = this.#text.slice(this.#keptFrom, this.#pos)
    return new RawJson(this.#dirty ? compact(text) : text)
  }

  #attach(value: unknown): void {
    const container = this.#containers[this.#containers.length - 1]
    if (container === undefined) return
    if (Array.isArray(container)) {
      container.push(value)
      return
    }
    const key = this.#keys[this.#keys.length - 1] ?? ''
    if (this.#strict && key in container) this.#fail('a key stands twice')
    if (key === '__proto__') {
      Object.defineProperty(container, key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      })
    } else {
      container[key] = value
    }
  }

  /** After a member: true if another follows (its key is read), false if the container ends. */
  #next(): boolean {
    this.#space()
    const list = this.#lists[this.#lists.length - 1] === true
    const code = this.#text.charCodeAt(this.#pos)
    if (code === COMMA) {
      this.#pos++
      if (!list) {
        this.#space()
        this.#keys[this.#keys.length - 1] = this.#key()
      }
      return true
    }
    if (code !== (list ? CLOSE_LIST : CLOSE_OBJECT)) {
      this.#fail(list ? "expected ',' or ']'" : "expected ',' or '}'")
    }
    this.#pos++
    return false
  }

  #pathOfNext(): RawPaths | undefined {
    const top = this.#paths.length - 1
    const path = this.#paths[top]
    if (path === undefined || this.#keptAt >= 0) return undefined
    return (
      (this.#lists[top] === true ? undefined : path.named.get(this.#keys[top] ?? '')) ?? path.any
    )
  }

  #key(): string {
    if (this.#text.charCodeAt(this.#pos) !== QUOTE) this.#fail('expected a key in quotes')
    const key = this.#string()
    this.#space()
    if (this.#text.charCodeAt(this.#pos) !== COLON) this.#fail("expected ':'")
    this.#pos++
    return key
  }

  #string(): string {
    const text = this.#text
    const start = this.#pos
    let escaped = false
    let i = start + 1
    for (;;) {
      const code = text.charCodeAt(i)
      if (code === QUOTE) break
      if (code === BACKSLASH) {
        escaped = true
        i = this.#escape(i)
        continue
      }
      if (!(code >= 0x20)) this.#failAt(i, 'unfinished string or bare control character')
      if (isEscapedInCanonical(code)) this.#dirty = true
      i++
    }
    this.#pos = i + 1
    if (this.#keptAt >= 0) return ''
    const value = escaped ? String(JSON.parse(text.slice(start, i + 1))) : text.slice(start + 1, i)
    if (this.#strict && !value.isWellFormed()) this.#failAt(start, 'half a surrogate pair')
    return value
  }

  /** Checks the escape at `i`; answers where it ends. */
  #escape(i: number): number {
    const kind = this.#text.charAt(i + 1)
    if (kind !== '' && SIMPLE_ESCAPES.includes(kind)) return i + 2
    if (kind !== 'u' || !HEX4.test(this.#text.slice(i + 2, i + 6)))
      return this.#failAt(i, 'unknown escape')
    if (this.#nulAt < 0 && this.#text.startsWith('0000', i + 2)) this.#nulAt = i
    return i + 6
  }

  #number(): number {
    const text = this.#text
    const start = this.#pos
    let i = text.charCodeAt(start) === MINUS ? start + 1 : start
    i = text.charCodeAt(i) === ZERO ? i + 1 : this.#digits(i)
    if (text.charAt(i) === '.') i = this.#digits(i + 1)
    const exponent = text.charAt(i)
    if (exponent === 'e' || exponent === 'E') {
      const sign = text.charAt(i + 1)
      i = this.#digits(sign === '+' || sign === '-' ? i + 2 : i + 1)
    }
    this.#pos = i
    if (this.#keptAt >= 0) return 0
    const written = text.slice(start, i)
    const value = Number(written)
    if (this.#strict && (!Number.isSafeInteger(value) || String(value) !== written)) {
      this.#failAt(start, 'not a whole number within 2^53-1')
    }
    return value
  }

  #digits(from: number): number {
    let i = from
    while (isDigit(this.#text.charCodeAt(i))) i++
    return i > from ? i : this.#failAt(i, 'expected a digit')
  }

  #word(code: number): unknown {
    const text = this.#text
    if (code === 0x74 && text.startsWith('true', this.#pos)) return this.#skip(4, true)
    if (code === 0x66 && text.startsWith('false', this.#pos)) return this.#skip(5, false)
    if (code === 0x6e && text.startsWith('null', this.#pos)) return this.#skip(4, null)
    return this.#fail(this.#pos < text.length ? 'expected a value' : 'unexpected end')
  }

  #skip<T>(length: number, value: T): T {
    this.#pos += length
    return value
  }

  #space(): void {
    const text = this.#text
    let i = this.#pos
    let code = text.charCodeAt(i)
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      code = text.charCodeAt(++i)
    }
    if (i === this.#pos) return
    this.#pos = i
    this.#dirty = true
  }

  #fail(reason: string): never {
    return this.#failAt(this.#pos, reason)
  }

  #failAt(position: number, reason: string): never {
    throw new NodeError('FF10103', { position, reason })
  }
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE

// & < > and the two line separators
const isEscapedInCanonical = (code: number): boolean =>
  code < 0x80 ? code === 0x26 || code === 0x3c || code === 0x3e : code === 0x2028 || code === 0x2029
