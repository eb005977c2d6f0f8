import { operationTypes } from '../batch/plan.ts'
import type { Outbox } from '../exchange/outbox.ts'
import type { Directory } from '../identity/directory.ts'
import type { Transaction } from '../store/database.ts'
import type { OperationRow } from '../store/schema.ts'

export interface ResendDeps {
  readonly namespace: string
  readonly directory: Directory
  readonly outbox: Pick<Outbox, 'enqueue'>
}

/** Queues a private batch for one receiver again, its blobs first, in the name of the operation that takes the failed one's place. */
export async function resend(
  { namespace, directory, outbox }: ResendDeps,
  tx: Transaction,
  { id, type, tx: txId, input }: OperationRow,
): Promise<boolean> {
  if (type !== operationTypes.send) return false
  const { node = '' }: { node?: string } = JSON.parse(input ?? '{}')
  const recipient = directory.byId(node)?.verifier.value
  const batch = await tx.db
    .selectFrom('batches')
    .select(['id', 'hash'])
    .where('namespace', '=', namespace)
    .where('txId', '=', txId)
    .where('groupHash', 'is not', null)
    .executeTakeFirst()
  if (!batch || recipient === undefined) return false
  const blobs = await tx.db
    .selectFrom('messages')
    .innerJoin('messageData', (join) =>
      join
        .onRef('messageData.messageId', '=', 'messages.id')
        .onRef('messageData.namespace', '=', 'messages.namespace'),
    )
    .innerJoin('data', (join) =>
      join
        .onRef('data.id', '=', 'messageData.dataId')
        .onRef('data.namespace', '=', 'messages.namespace'),
    )
    .select('data.id')
    .distinct()
    .where('messages.namespace', '=', namespace)
    .where('messages.batch', '=', batch.id)
    .where('blobHash', 'is not', null)
    .execute()
  const row = { namespace, id, recipient }
  await outbox.enqueue(tx, [
    ...blobs.map((blob) => ({ ...row, kind: 'blob' as const, ref: blob.id })),
    { ...row, kind: 'message' as const, ref: batch.hash },
  ])
  return true
}
