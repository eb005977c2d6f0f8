import type { BatchPayload } from '../model/batch.ts'
export function verifyBatch(_batch: BatchPayload): string | undefined {
  return undefined
}
