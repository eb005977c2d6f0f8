import type { FreshData } from '../batch/payload.ts'
import type { DataRow } from '../store/schema.ts'

const MAX_BYTES = 8 * 1024 * 1024

/** Data written lately, until its batch is built; the oldest goes when there is too much. */
export function createFreshData(): FreshData & { put(rows: readonly DataRow[]): void } {
  const rows = new Map<string, DataRow>()
  let bytes = 0
  const sizeOf = (row: DataRow): number => 200 + (row.value?.length ?? 0)
  const drop = (key: string, row: DataRow): void => {
    rows.delete(key)
    bytes -= sizeOf(row)
  }
  return {
    put(fresh) {
      for (const row of fresh) {
        rows.set(row.id + row.hash, row)
        bytes += sizeOf(row)
      }
      for (const [key, row] of rows) {
        if (bytes <= MAX_BYTES) return
        drop(key, row)
      }
    },
    take(id, hash) {
      const row = rows.get(id + hash)
      if (row) drop(id + hash, row)
      return row
    },
  }
}
