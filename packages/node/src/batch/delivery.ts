import type { NewOutboxRow } from '../exchange/outbox.ts'
import type { Operations } from '../operations/operations.ts'
import type { Transaction } from '../store/database.ts'
import type { BatchRow, OperationRow, OutboxRow } from '../store/schema.ts'
import type { BuiltPayload, PayloadDeps } from './payload.ts'
import { operationTypes, type RecipientsOf } from './plan.ts'

/** How a batch's payload gets on its way, in the transaction that writes the batch. */
export interface Delivery extends PayloadDeps {
  readonly operations: Operations
  readonly recipientsOf: RecipientsOf
  /** Keeps a payload, to be sent and to be asked for again. */
  readonly keepPayload: (tx: Transaction, hash: string, content: Uint8Array) => Promise<void>
  readonly enqueue: (tx: Transaction, rows: readonly NewOutboxRow[]) => Promise<void>
  /** Follows the private contexts of a batch. */
  readonly follow: (
    tx: Transaction,
    groupHash: string,
    topics: readonly string[],
  ) => Promise<unknown>
  /** Publishes in the transaction, where shared storage can; resolves the reference. */
  readonly publishIn: ((tx: Transaction, content: Uint8Array) => Promise<string>) | undefined
}

export interface Deliverable {
  readonly batch: BatchRow
  readonly built: BuiltPayload
  readonly operations: readonly OperationRow[]
  /** Where shared storage holds it already. */
  readonly payloadRef?: string
}

/** Puts the payload where its receivers will get it from; resolves the batch row with its reference. */
export async function deliverIn(
  deps: Delivery,
  tx: Transaction,
  { batch, built, operations, payloadRef }: Deliverable,
): Promise<BatchRow> {
  if (batch.groupHash === null) {
    const ref = payloadRef ?? (await deps.publishIn?.(tx, built.content)) ?? ''
    const uploads = operations.filter(({ type }) => type === operationTypes.upload)
    await deps.operations.update(
      tx,
      uploads.map(({ id }) => ({ id, status: 'Succeeded', output: { payloadRef: ref } })),
    )
    return { ...batch, payloadRef: ref }
  }
  await deps.keepPayload(tx, batch.hash, built.content)
  await deps.follow(
    tx,
    batch.groupHash,
    built.payload.payload.messages.flatMap(({ header }) => header.topics),
  )
  const peers = new Map(
    (await deps.recipientsOf(tx, batch.groupHash)).map(({ node, peer }) => [node, peer]),
  )
  const sends = operations.filter(
    ({ type, status }) => type === operationTypes.send && status === 'Initialized',
  )
  await deps.enqueue(
    tx,
    sends.flatMap((operation) => outboxRows(batch, built, operation, peers)),
  )
  await deps.operations.update(
    tx,
    sends.map(({ id }) => ({ id, status: 'Pending' })),
  )
  return batch
}

/** A receiver's rows, blobs first: the batch arrives when what it refers to has. */
function outboxRows(
  batch: BatchRow,
  { blobs }: BuiltPayload,
  operation: OperationRow,
  peers: ReadonlyMap<string, string>,
): NewOutboxRow[] {
  const { node } = JSON.parse(operation.input ?? '{}') as { node?: string }
  const recipient = peers.get(node ?? '')
  if (recipient === undefined) return []
  const row = {
    namespace: batch.namespace,
    recipient,
    id: operation.id,
  } satisfies Partial<OutboxRow>
  return [
    ...blobs.map((ref): NewOutboxRow => ({ ...row, kind: 'blob', ref })),
    { ...row, kind: 'message', ref: batch.hash },
  ]
}
