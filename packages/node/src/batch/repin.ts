import { sql } from 'kysely'
import type { Operations } from '../operations/operations.ts'
import type { Transaction } from '../store/database.ts'
import { operationTypes } from './plan.ts'

export interface RepinDeps {
  readonly namespace: string
  readonly operations: Pick<Operations, 'create'>
}

/**
 * The contract that our batches were pinned by is left behind: those whose pins it did not bring in time are sealed again,
 * with a new call each, so that they go to the next one.
 */
export async function repin({ namespace, operations }: RepinDeps, tx: Transaction): Promise<void> {
  const late = await tx.db
    .selectFrom('batches')
    .select(['batches.seq', 'batches.id', 'batches.txId'])
    .where('batches.namespace', '=', namespace)
    .where('batches.state', 'in', ['sealed', 'sent'])
    .where('batches.id', 'in', (open) =>
      open
        .selectFrom('messages')
        .select(sql<string>`batch`.as('batch'))
        .where('namespace', '=', namespace)
        .where('state', 'in', ['sent', 'pending', 'ready'])
        .where('batch', 'is not', null),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('pins')
            .select('pins.seq')
            .where('pins.namespace', '=', namespace)
            .where('pins.dispatched', '=', sql.lit(0))
            .whereRef('pins.batch', '=', 'batches.id'),
        ),
      ),
    )
    .orderBy('batches.seq')
    .execute()
  for (const batch of late) {
    const pin = await tx.db
      .selectFrom('operations')
      .select(['seq', 'plugin', 'input'])
      .where('namespace', '=', namespace)
      .where('tx', '=', batch.txId)
      .where('type', '=', operationTypes.pin)
      .where('retry', 'is', null)
      .executeTakeFirst()
    if (!pin) continue
    const input: object = JSON.parse(pin.input ?? '{}')
    const [made] = await operations.create(tx, [
      { tx: batch.txId, type: operationTypes.pin, plugin: pin.plugin, input },
    ])
    await tx.db
      .updateTable('operations')
      .set({ status: 'Failed', error: 'the network left the contract', retry: made?.id ?? null })
      .where('seq', '=', pin.seq)
      .execute()
    await tx.db
      .updateTable('batches')
      .set({ state: 'sealed' })
      .where('seq', '=', batch.seq)
      .execute()
  }
}
