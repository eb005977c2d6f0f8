import type { Value } from '../../values/value.ts'
import type { Meter } from '../meter.ts'
import { textWork } from '../operators.ts'
import { compilePattern } from '../pattern/pattern.ts'
import { type Apply, asIndex, asInt, asList, asText, type BuiltIn } from './built-in.ts'

/** Unicode's White_Space, written out: engines differ in the Unicode they know. */
const SPACE =
  '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const LEADING_SPACE = new RegExp(`^${SPACE}+`)
const IS_SPACE = new RegExp(SPACE)

/** Counts a search as what the plainest search would cost. */
function searched(text: string, part: string, meter: Meter): void {
  meter.spend(1 + Math.floor((text.length * Math.max(1, part.length)) / 64))
}

function built(text: string, meter: Meter): string {
  meter.spend(textWork(text.length))
  meter.allocate(text.length)
  return text
}

/** Positions in texts count code points. */
function pointsOf(text: string, meter: Meter): readonly string[] {
  meter.spend(textWork(text.length))
  return Array.from(text)
}

function substring(operands: readonly Value[], meter: Meter): string {
  const points = pointsOf(asText(operands[0]), meter)
  const to = operands[2] === undefined ? points.length : asIndex(operands[2], points.length)
  return built(points.slice(asIndex(operands[1], to), to).join(''), meter)
}

function charAt(operands: readonly Value[], meter: Meter): string {
  const points = pointsOf(asText(operands[0]), meter)
  return built(points[asIndex(operands[1], points.length)] ?? '', meter)
}

/** Where `part` first stands from `from` on, or -1. */
function indexOf(operands: readonly Value[], meter: Meter): bigint {
  const [text, part] = [asText(operands[0]), asText(operands[1])]
  const points = pointsOf(text, meter)
  const from = operands[2] === undefined ? 0 : asIndex(operands[2], points.length)
  if (part === '') return BigInt(from)
  searched(text, part, meter)
  const start = points.slice(0, from).join('').length
  return pointIndex(text, text.indexOf(part, start))
}

/** Where `part` last stands, at `from` or before it, or -1. */
function lastIndexOf(operands: readonly Value[], meter: Meter): bigint {
  const [text, part] = [asText(operands[0]), asText(operands[1])]
  const points = pointsOf(text, meter)
  const from = operands[2] === undefined ? points.length : asIndex(operands[2], points.length)
  if (part === '') return BigInt(from)
  searched(text, part, meter)
  const start = points.slice(0, from).join('').length
  return pointIndex(text, text.lastIndexOf(part, start))
}

const pointIndex = (text: string, unit: number): bigint =>
  unit < 0 ? -1n : BigInt(Array.from(text.slice(0, unit)).length)

/** At most `limit` parts, all if it is negative; the last one holds the rest. */
function splitText(text: string, separator: string, limit: number): string[] {
  if (limit === 0) return []
  const parts = separator === '' ? Array.from(text) : text.split(separator)
  if (limit < 0 || parts.length <= limit) return parts
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)]
}

/** A limit of -1, or none, is no limit. */
function limitOf(value: Value | undefined): number {
  if (value === undefined) return -1
  const limit = asInt(value)
  return limit < 0n || limit > Number.MAX_SAFE_INTEGER ? -1 : Number(limit)
}

function split(operands: readonly Value[], meter: Meter): string[] {
  const [text, separator] = [asText(operands[0]), asText(operands[1])]
  searched(text, separator, meter)
  const parts = splitText(text, separator, limitOf(operands[2]))
  meter.spend(parts.length)
  meter.allocate(text.length + parts.length)
  return parts
}

/** The first `limit` places, all if it is negative; an empty `old` stands before each code point and at the end. */
function replace(operands: readonly Value[], meter: Meter): string {
  const [text, old, by] = [asText(operands[0]), asText(operands[1]), asText(operands[2])]
  const limit = limitOf(operands[3])
  searched(text, old, meter)
  const parts = old === '' ? ['', ...Array.from(text), ''] : text.split(old)
  const places = limit < 0 ? parts.length - 1 : Math.min(limit, parts.length - 1)
  const length = text.length + places * Math.max(0, by.length - old.length)
  meter.spend(parts.length)
  meter.allocate(length)
  const changed = parts.slice(0, places + 1).join(by)
  return (
    changed +
    parts
      .slice(places + 1)
      .map((part) => old + part)
      .join('')
  )
}

function join(operands: readonly Value[], meter: Meter): string {
  const parts = asList(operands[0]).map(asText)
  const separator = operands[1] === undefined ? '' : asText(operands[1])
  meter.spend(parts.length)
  let length = separator.length * Math.max(0, parts.length - 1)
  for (const part of parts) length += part.length
  meter.spend(textWork(length))
  meter.allocate(length)
  return parts.join(separator)
}

function trim(operands: readonly Value[], meter: Meter): string {
  const text = asText(operands[0]).replace(LEADING_SPACE, '')
  let end = text.length
  while (end > 0 && IS_SPACE.test(text.charAt(end - 1))) end--
  return built(text.slice(0, end), meter)
}

/** Letters of ASCII only: the case of others depends on the Unicode that an engine knows. */
const changeCase =
  (letters: RegExp, change: (letter: string) => string): Apply =>
  ([text], meter) =>
    built(asText(text).replace(letters, change), meter)

const searches =
  (search: (text: string, part: string) => boolean): Apply =>
  (operands, meter) => {
    const [text, part] = [asText(operands[0]), asText(operands[1])]
    searched(text, part, meter)
    return search(text, part)
  }

/** True if the start, or the end, is `part`. */
const compares =
  (compare: (text: string, part: string) => boolean): Apply =>
  (operands, meter) => {
    const [text, part] = [asText(operands[0]), asText(operands[1])]
    meter.spend(textWork(part.length))
    return compare(text, part)
  }

const method = (most: number, apply: Apply, least = most): BuiltIn => ({
  form: 'method',
  arity: [least, most],
  apply,
})

export const texts: Readonly<Record<string, BuiltIn>> = {
  contains: method(
    2,
    searches((text, part) => text.includes(part)),
  ),
  startsWith: method(
    2,
    compares((text, part) => text.startsWith(part)),
  ),
  endsWith: method(
    2,
    compares((text, part) => text.endsWith(part)),
  ),
  lowerAscii: method(
    1,
    changeCase(/[A-Z]/g, (letter) => letter.toLowerCase()),
  ),
  upperAscii: method(
    1,
    changeCase(/[a-z]/g, (letter) => letter.toUpperCase()),
  ),
  trim: method(1, trim),
  substring: method(3, substring, 2),
  charAt: method(2, charAt),
  indexOf: method(3, indexOf, 2),
  lastIndexOf: method(3, lastIndexOf, 2),
  split: method(3, split, 2),
  replace: method(4, replace, 3),
  join: method(2, join, 1),
  matches: {
    form: 'either',
    arity: [2, 2],
    literal: 1,
    prepare: (source) => {
      const pattern = compilePattern(source)
      return ([text], meter) => pattern.matches(asText(text), (units) => meter.spend(units))
    },
  },
}
