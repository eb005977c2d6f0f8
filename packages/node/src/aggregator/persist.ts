import { type BatchPayload, padTime } from '@concordat/protocol'
import type { Transaction } from '../store/database.ts'
import type { BatchRow } from '../store/schema.ts'
import { dataToRow } from '../store/tables/data.ts'
import { messageToRow } from '../store/tables/messages.ts'

export interface Arrival {
  readonly namespace: string
  /** A batch that `verifyBatch` found nothing wrong with. */
  readonly batch: BatchPayload
  /** Where shared storage holds it; '' when it came from its sender. */
  readonly payloadRef: string
  readonly manifest: string
  /** Padded. */
  readonly received: string
}

/** Writes a batch that came from others, once: rows that are here already stay as they are. False when the whole batch was here. */
export async function persistBatch(tx: Transaction, arrival: Arrival): Promise<boolean> {
  const { namespace, batch } = arrival
  const inserted = await tx.insertMany('batches', [toBatchRow(tx, arrival)], {
    skipConflicts: true,
  })
  if (inserted === 0) return false
  const { messages, data } = batch.payload
  const unique = [...new Map(data.map((item) => [item.id + item.hash, item])).values()]
  const dataSeq = tx.sequence('data', unique.length)
  await tx.insertMany(
    'data',
    unique.map((item, i) => dataToRow(item, { seq: dataSeq + i, namespace })),
    { skipConflicts: true },
  )
  const messageSeq = tx.sequence('messages', messages.length)
  await tx.insertMany(
    'messages',
    messages.map((message, i) =>
      messageToRow(
        { ...message, state: 'pending', batch: batch.id, txid: batch.payload.tx.id ?? '' },
        { seq: messageSeq + i, namespace, size: 0 },
      ),
    ),
    { skipConflicts: true },
  )
  await tx.insertMany(
    'messageData',
    messages.flatMap((message) =>
      message.data.map(({ id }) => ({ namespace, dataId: id, messageId: message.header.id })),
    ),
    { skipConflicts: true },
  )
  return true
}

function toBatchRow(
  tx: Transaction,
  { namespace, batch, payloadRef, manifest, received }: Arrival,
): BatchRow {
  return {
    seq: tx.sequence('batches', 1),
    namespace,
    id: batch.id,
    type: batch.type,
    author: batch.author,
    key: batch.key,
    groupHash: batch.group ?? null,
    node: batch.node ?? null,
    created: padTime(batch.created),
    hash: batch.hash,
    manifest,
    payloadRef,
    txType: batch.payload.tx.type,
    txId: batch.payload.tx.id ?? '',
    confirmed: received,
    state: 'received',
  }
}

/** Kept in place of a batch that nobody can ever read: its pins are void at every member. */
export function invalidBatchRow(
  tx: Transaction,
  namespace: string,
  pin: { batch: string; batchHash: string; payloadRef: string; txId: string },
  reason: string,
  created: string,
): BatchRow {
  return {
    seq: tx.sequence('batches', 1),
    namespace,
    id: pin.batch,
    type: 'broadcast',
    author: '',
    key: '',
    groupHash: null,
    node: null,
    created,
    hash: pin.batchHash,
    manifest: JSON.stringify({ invalid: reason }),
    payloadRef: pin.payloadRef,
    txType: 'batch_pin',
    txId: pin.txId,
    confirmed: null,
    state: 'invalid',
  }
}
