import type { Anchor } from './node.ts'
import { parsePattern } from './parse-pattern.ts'
import { assemble, type Instruction } from './program.ts'
import { isInRanges, WORD } from './ranges.ts'

/** A regular expression that takes time in proportion to the text, whatever it says. */
export interface Pattern {
  /** True if it matches anywhere in the text. `spend` is told of the work before it goes on. */
  matches(text: string, spend: (units: number) => void): boolean
}

/** Reads a pattern: see `parsePattern`. Throws BAD_PATTERN. */
export function compilePattern(source: string): Pattern {
  const program = assemble(parsePattern(source))
  return { matches: (text, spend) => new Run(program, text).find(spend) }
}

/** Instructions that are walked through for one unit of work. */
const STEPS_PER_UNIT = 8

/** Follows all ways through the program at once, code point by code point. */
class Run {
  readonly #program: readonly Instruction[]
  readonly #text: string
  /** By instruction: the last place at which it was reached. */
  readonly #reached: Int32Array
  #waiting: Extract<Instruction, { kind: 'set' }>[] = []
  #nexts: number[] = []
  #steps = 0

  constructor(program: readonly Instruction[], text: string) {
    this.#program = program
    this.#text = text
    this.#reached = new Int32Array(program.length).fill(-1)
  }

  find(spend: (units: number) => void): boolean {
    spend(1 + Math.floor(this.#program.length / STEPS_PER_UNIT))
    for (let at = 0; at <= this.#text.length; ) {
      const point = this.#text.codePointAt(at) ?? -1
      if (this.#enter(0, at)) return true
      spend(Math.floor(this.#steps / STEPS_PER_UNIT))
      this.#steps %= STEPS_PER_UNIT
      if (point < 0) return false
      at += point > 0xffff ? 2 : 1
      if (this.#advance(point, at)) return true
    }
    return false
  }

  /** Every set that takes `point` goes on behind it. */
  #advance(point: number, at: number): boolean {
    const [waiting, nexts] = [this.#waiting, this.#nexts]
    this.#waiting = []
    this.#nexts = []
    for (const [i, { ranges }] of waiting.entries()) {
      this.#steps++
      if (isInRanges(ranges, point) && this.#enter(nexts[i] ?? 0, at)) return true
    }
    return false
  }

  /** Walks from `start` to the sets that wait for a character. True if it comes to the match. */
  #enter(start: number, at: number): boolean {
    const open = [start]
    for (let pc = open.pop(); pc !== undefined; pc = open.pop()) {
      const instruction = this.#program[pc]
      if (instruction === undefined || this.#reached[pc] === at) continue
      this.#reached[pc] = at
      this.#steps++
      if (instruction.kind === 'match') return true
      if (instruction.kind === 'fork') open.push(instruction.second, instruction.first)
      else if (instruction.kind === 'set') this.#wait(instruction, pc)
      else if (this.#holds(instruction.anchor, at)) open.push(pc + 1)
    }
    return false
  }

  #wait(instruction: Extract<Instruction, { kind: 'set' }>, pc: number): void {
    this.#waiting.push(instruction)
    this.#nexts.push(pc + 1)
  }

  #holds(anchor: Anchor, at: number): boolean {
    if (anchor === 'start') return at === 0
    if (anchor === 'end') return at === this.#text.length
    const boundary = this.#isWord(at - 1) !== this.#isWord(at)
    return boundary === (anchor === 'boundary')
  }

  #isWord(at: number): boolean {
    return isInRanges(WORD, this.#text.charCodeAt(at))
  }
}
