import type { NewOperation } from '../operations/operations.ts'
import type { Transaction } from '../store/database.ts'
import type { BatchRow, MessageRow } from '../store/schema.ts'

export interface Recipient {
  /** Node identity. */
  readonly node: string
  /** `peerId/nodeName`. */
  readonly peer: string
}

/** The other members' nodes of a group, each once, in member order. */
export type RecipientsOf = (tx: Transaction, groupHash: string) => Promise<readonly Recipient[]>

export const operationTypes = {
  upload: 'sharedstorage_upload_batch',
  send: 'dataexchange_send_batch',
  pin: 'blockchain_pin_batch',
} as const

/** Every call that a batch needs, written with it: so that dispatching it again repeats the same calls. */
export async function planOperations(
  transaction: Transaction,
  batch: BatchRow,
  messages: readonly MessageRow[],
  recipientsOf: RecipientsOf,
): Promise<NewOperation[]> {
  const { id, txId: tx, groupHash } = batch
  const deliver: NewOperation[] =
    groupHash === null
      ? [{ tx, type: operationTypes.upload, plugin: 'sharedstorage', input: { id } }]
      : (await recipientsOf(transaction, groupHash)).map(({ node }) => ({
          tx,
          type: operationTypes.send,
          plugin: 'dataexchange',
          input: { node, group: groupHash, batch: id },
        }))
  if (batch.txType === 'unpinned' || messages.length === 0) return deliver
  return [...deliver, { tx, type: operationTypes.pin, plugin: 'blockchain', input: { batch: id } }]
}
