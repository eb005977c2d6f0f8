/** Bytes drawn at once, so that an id costs no call for entropy of its own. */
const POOL = 4096

/** A generator of time-ordered UUIDs (RFC 9562, version 7); monotonic within one generator. */
export function uuidV7(now: () => number, random: (length: number) => Uint8Array): () => string {
  let pool = random(POOL)
  let used = 0
  let last = 0
  let counter = 0
  const draw = (length: number): Uint8Array => {
    if (used + length > pool.length) {
      pool = random(POOL)
      used = 0
    }
    used += length
    return pool.subarray(used - length, used)
  }
  return () => {
    const time = now()
    if (time > last) {
      last = time
      counter = 0
    } else if (++counter > 0xfff) {
      last += 1
      counter = 0
    }
    const tail = hex(draw(8))
    const variant = '89ab'[Number.parseInt(tail.slice(0, 1), 16) & 3]
    const ms = last.toString(16).padStart(12, '0')
    const count = counter.toString(16).padStart(3, '0')
    return `${ms.slice(0, 8)}-${ms.slice(8)}-7${count}-${variant}${tail.slice(1, 4)}-${tail.slice(4)}`
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
