import type { EventRow } from '../store/schema.ts'

/** The newest events of one namespace, in `seq` order, without holes from `completeFrom` on. */
export interface Ring {
  /** Every event with a `seq` greater than this is held. */
  readonly completeFrom: number
  readonly newest: number
  push(rows: readonly EventRow[]): void
  /** Up to `limit` events after `after`; undefined when some of them are no longer held. */
  after(after: number, limit: number): readonly EventRow[] | undefined
}

/** Holds at most `capacity` events; `newest` is the last `seq` written before this ring began. */
export function createRing(capacity: number, newest: number): Ring {
  let rows: EventRow[] = []
  let start = 0
  let completeFrom = newest
  let last = newest

  const compact = (): void => {
    if (start < capacity) return
    rows = rows.slice(start)
    start = 0
  }

  return {
    get completeFrom() {
      return completeFrom
    },
    get newest() {
      return last
    },
    push(added) {
      for (const row of added) {
        rows.push(row)
        last = row.seq
      }
      while (rows.length - start > capacity) {
        completeFrom = rows[start]?.seq ?? completeFrom
        start++
      }
      compact()
    },
    after(after, limit) {
      if (after < completeFrom) return undefined
      if (after >= last) return []
      const from = firstAfter(rows, start, after)
      return rows.slice(from, from + limit)
    },
  }
}

/** Index of the first row whose `seq` is greater than `after`. */
function firstAfter(rows: readonly EventRow[], start: number, after: number): number {
  let low = start
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rows[middle]?.seq ?? 0) > after) high = middle
    else low = middle + 1
  }
  return low
}
