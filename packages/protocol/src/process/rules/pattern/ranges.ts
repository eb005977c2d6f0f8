import type { Ranges } from './node.ts'

const LAST = 0x10ffff

/** Characters of ASCII only, as in RE2. */
export const DIGIT: Ranges = [0x30, 0x39]
export const SPACE: Ranges = [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20]
export const WORD: Ranges = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a]
export const NOT_NEWLINE: Ranges = [0, 0x09, 0x0b, LAST]

/** Sorted and joined. */
export function unite(all: readonly Ranges[]): Ranges {
  const pairs: [number, number][] = []
  for (const ranges of all) {
    for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i] ?? 0, ranges[i + 1] ?? 0])
  }
  pairs.sort(([a], [b]) => a - b)
  const united: number[] = []
  for (const [from, to] of pairs) {
    const end = united.at(-1)
    if (end === undefined || from > end + 1) united.push(from, to)
    else united[united.length - 1] = Math.max(end, to)
  }
  return united
}

/** Everything else; `ranges` are sorted and joined. */
export function complement(ranges: Ranges): Ranges {
  const rest: number[] = []
  let next = 0
  for (let i = 0; i < ranges.length; i += 2) {
    const from = ranges[i] ?? 0
    if (from > next) rest.push(next, from - 1)
    next = (ranges[i + 1] ?? 0) + 1
  }
  if (next <= LAST) rest.push(next, LAST)
  return rest
}

export function isInRanges(ranges: Ranges, point: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (point < (ranges[i] ?? 0)) return false
    if (point <= (ranges[i + 1] ?? 0)) return true
  }
  return false
}
