import type { BatchPayload } from '@concordat/protocol'
import type { BatchRow, MessageRow, OperationRow } from '../store/schema.ts'

/** A batch as it was written: what sending it needs, without a read. */
export interface SealedBatch {
  readonly batch: BatchRow
  readonly messages: readonly MessageRow[]
  readonly operations: readonly OperationRow[]
  /** Undefined while its blobs or its payload must be published first. */
  readonly payload: BatchPayload | undefined
}
