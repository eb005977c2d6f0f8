/** All chance of a run comes from its seed. */
export interface Chance {
  /** From 0 up to, not including, 2^32. */
  next(): number
  /** Both ends included. */
  whole(from: number, to: number): number
  happens(share: number): boolean
  pick<T>(items: readonly T[]): T
  bytes(length: number): Uint8Array
  /** A stream of its own: what is drawn from it changes nothing drawn here. */
  fork(): Chance
}

/** sfc32, by Chris Doty-Humphrey: small, fast, and good enough to shuffle with. */
export function createChance(seed: number): Chance {
  let [a, b, c, count] = [seed | 0, (seed / 2 ** 32) | 0, 0x9e3779b9 | 0, 1]
  const next = (): number => {
    const sum = (a + b + count) | 0
    count = (count + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let i = 0; i < 16; i++) next()
  const whole = (from: number, to: number): number => from + (next() % (to - from + 1))
  return {
    next,
    whole,
    happens: (share) => next() < share * 2 ** 32,
    pick<T>(items: readonly T[]): T {
      const item = items[next() % items.length]
      if (item === undefined) throw new Error('There is nothing to pick from')
      return item
    },
    bytes(length) {
      const bytes = new Uint8Array(length)
      for (let i = 0; i < length; i++) bytes[i] = next()
      return bytes
    },
    fork: () => createChance(next()),
  }
}
