import { RuleFault } from '../../values/fault.ts'
import type { PatternNode, Ranges } from './node.ts'
import { complement, DIGIT, NOT_NEWLINE, SPACE, unite, WORD } from './ranges.ts'

const MAX_LENGTH = 512
const MAX_DEPTH = 24
const MAX_REPEAT = 1000

const CLASSES: Readonly<Record<string, Ranges>> = {
  ...{ d: DIGIT, s: SPACE, w: WORD },
  ...{ D: complement(DIGIT), S: complement(SPACE), W: complement(WORD) },
}
const CONTROLS: Readonly<Record<string, number>> = { a: 7, t: 9, n: 10, v: 11, f: 12, r: 13 }
const PUNCTUATION = /^[!-/:-@[-`{-~]$/
const HEX = /^x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,6})\})/
const COUNT = /^\{(0|[1-9][0-9]{0,3})(?:(,)(0|[1-9][0-9]{0,3})?)?\}/

/**
 * RE2's syntax as far as it needs no Unicode tables: literals, `.`, classes, groups, alternatives, repetition, anchors.
 * No flags, back references, look-around, `\p`. Throws BAD_PATTERN.
 */
export const parsePattern = (source: string): PatternNode => new PatternParser(source).whole()

class PatternParser {
  readonly #source: string
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#source = source
    if (source.length > MAX_LENGTH || !source.isWellFormed()) this.#fail()
  }

  whole(): PatternNode {
    const node = this.#choice()
    if (this.#at < this.#source.length) this.#fail()
    return node
  }

  #choice(): PatternNode {
    if (this.#depth >= MAX_DEPTH) this.#fail()
    this.#depth++
    const parts = [this.#sequence()]
    while (this.#eat('|')) parts.push(this.#sequence())
    this.#depth--
    return { kind: 'choice', parts }
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = []
    while (this.#at < this.#source.length && !this.#is('|') && !this.#is(')')) {
      parts.push(this.#repeated(this.#atom()))
    }
    return { kind: 'sequence', parts }
  }

  /** A lazy repetition matches the same texts. */
  #repeated(of: PatternNode): PatternNode {
    const bounds = this.#bounds()
    if (bounds === undefined) return of
    this.#eat('?')
    if (this.#bounds() !== undefined) this.#fail()
    const [least, most] = bounds
    if (least > most || least > MAX_REPEAT) this.#fail()
    if (most > MAX_REPEAT && most !== Number.POSITIVE_INFINITY) this.#fail()
    return { kind: 'repeat', of, least, most }
  }

  #bounds(): [number, number] | undefined {
    if (this.#eat('*')) return [0, Number.POSITIVE_INFINITY]
    if (this.#eat('+')) return [1, Number.POSITIVE_INFINITY]
    if (this.#eat('?')) return [0, 1]
    if (!this.#is('{')) return undefined
    const count = COUNT.exec(this.#source.slice(this.#at))
    if (count === null) return this.#fail()
    this.#at += count[0].length
    const least = Number(count[1])
    if (count[2] === undefined) return [least, least]
    return [least, count[3] === undefined ? Number.POSITIVE_INFINITY : Number(count[3])]
  }

  #atom(): PatternNode {
    if (this.#eat('(')) return this.#group()
    if (this.#eat('[')) return { kind: 'set', ranges: this.#class() }
    if (this.#eat('.')) return { kind: 'set', ranges: NOT_NEWLINE }
    if (this.#eat('^')) return { kind: 'anchor', anchor: 'start' }
    if (this.#eat('$')) return { kind: 'anchor', anchor: 'end' }
    if (this.#eat('\\')) return this.#escaped()
    const point = this.#point()
    if ('*+?{}]'.includes(String.fromCodePoint(point))) this.#fail()
    return { kind: 'set', ranges: [point, point] }
  }

  #group(): PatternNode {
    if (this.#eat('?') && !this.#eat(':')) this.#fail()
    const inner = this.#choice()
    if (!this.#eat(')')) this.#fail()
    return inner
  }

  #escaped(): PatternNode {
    if (this.#eat('A')) return { kind: 'anchor', anchor: 'start' }
    if (this.#eat('z')) return { kind: 'anchor', anchor: 'end' }
    if (this.#eat('b')) return { kind: 'anchor', anchor: 'boundary' }
    if (this.#eat('B')) return { kind: 'anchor', anchor: 'no-boundary' }
    return { kind: 'set', ranges: this.#escapedSet() }
  }

  /** After a backslash: a class, or one character. */
  #escapedSet(): Ranges {
    const letter = this.#source.charAt(this.#at)
    const known = Object.hasOwn(CLASSES, letter) ? CLASSES[letter] : undefined
    if (known !== undefined) {
      this.#at++
      return known
    }
    const point = this.#escapedPoint(letter)
    return [point, point]
  }

  #escapedPoint(letter: string): number {
    const control = Object.hasOwn(CONTROLS, letter) ? CONTROLS[letter] : undefined
    if (control !== undefined || PUNCTUATION.test(letter)) {
      this.#at++
      return control ?? letter.charCodeAt(0)
    }
    const hex = HEX.exec(this.#source.slice(this.#at))
    const point = Number.parseInt(hex?.[1] ?? hex?.[2] ?? '', 16)
    if (hex === null || point > 0x10ffff) return this.#fail()
    this.#at += hex[0].length
    return point
  }

  /** After `[`. A bracket that comes first stands for itself. */
  #class(): Ranges {
    const negated = this.#eat('^')
    const all: Ranges[] = []
    do {
      all.push(this.#classItem())
    } while (!this.#eat(']'))
    const ranges = unite(all)
    return negated ? complement(ranges) : ranges
  }

  #classItem(): Ranges {
    if (this.#source.startsWith('[:', this.#at)) this.#fail()
    const first = this.#classAtom()
    const from = first[0] ?? 0
    if (first.length !== 2 || first[1] !== from || !this.#is('-')) return first
    if (this.#source.charAt(this.#at + 1) === ']') return first
    this.#at++
    const last = this.#classAtom()
    const to = last[0] ?? 0
    if (last.length !== 2 || last[1] !== to || to < from) return this.#fail()
    return [from, to]
  }

  #classAtom(): Ranges {
    if (this.#eat('\\')) return this.#escapedSet()
    const point = this.#point()
    return [point, point]
  }

  #point(): number {
    const point = this.#source.codePointAt(this.#at)
    if (point === undefined) return this.#fail()
    this.#at += point > 0xffff ? 2 : 1
    return point
  }

  #is(char: string): boolean {
    return this.#source.charAt(this.#at) === char
  }

  #eat(char: string): boolean {
    if (!this.#is(char)) return false
    this.#at++
    return true
  }

  #fail(): never {
    throw new RuleFault('BAD_PATTERN', -1, `at ${this.#at} of the pattern`)
  }
}
