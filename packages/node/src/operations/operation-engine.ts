import { type Batch, NodeError, type Operation } from '@concordat/protocol'
import { sql } from 'kysely'
import type { Aggregator } from '../aggregator/aggregator.ts'
import type { Intake } from '../aggregator/intake.ts'
import type { Dispatcher } from '../batch/dispatcher.ts'
import type { OperationCommands } from '../namespace.ts'
import type { Database } from '../store/database.ts'
import type { PinRow } from '../store/schema.ts'
import { rowToBatch } from '../store/tables/batches.ts'
import { rowToOperation } from '../store/tables/operations.ts'
import type { Operations } from './operations.ts'

export interface OperationEngineDeps {
  readonly namespace: string
  readonly database: Database
  readonly operations: Operations
  readonly dispatcher: Dispatcher
  readonly intake: Intake
  readonly aggregator: Aggregator
  /** Asks the other members of a group for a private batch. */
  readonly requestPrivate: (pin: PinRow) => Promise<void>
}

export function createOperationEngine(deps: OperationEngineDeps): OperationCommands {
  const { namespace, database } = deps

  async function openPin(batchId: string): Promise<PinRow | undefined> {
    return await database.read
      .selectFrom('pins')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('batch', '=', batchId)
      .where('dispatched', '!=', 1)
      .orderBy('seq')
      .executeTakeFirst()
  }

  async function rewindPin(pin: PinRow): Promise<void> {
    if (pin.masked === 0) {
      deps.aggregator.touch('broadcast', pin.hash)
      return
    }
    deps.aggregator.maskedPins([pin.hash])
  }

  return {
    async retry(operationId) {
      const row = await database.read
        .selectFrom('operations')
        .selectAll()
        .where('namespace', '=', namespace)
        .where('id', '=', operationId)
        .executeTakeFirst()
      if (!row) throw new NodeError('FF10109')
      if (row.status === 'Succeeded')
        throw new NodeError('CC20704', { id: operationId, reason: 'it has succeeded' })
      const retried = await database.transaction(async (tx) => {
        const [made] = await deps.operations.create(tx, [
          {
            tx: row.tx,
            type: row.type,
            plugin: row.plugin,
            input: JSON.parse(row.input ?? '{}') as object,
          },
        ])
        if (!made) throw new NodeError('CC20001')
        await tx.db
          .updateTable('operations')
          .set({ retry: made.id, status: 'Failed' })
          .where('seq', '=', row.seq)
          .execute()
        await tx.db
          .updateTable('batches')
          .set({ state: 'sealed' })
          .where('namespace', '=', namespace)
          .where('txId', '=', row.tx)
          .where('state', '=', 'sent')
          .execute()
        return made
      })
      deps.dispatcher.rescan()
      return rowToOperation(retried) satisfies Operation
    },
    async cancelBatch(batchId): Promise<Batch> {
      return rowToBatch(await deps.dispatcher.cancel(batchId))
    },
    async rewind({ sequence, batch }) {
      const pin =
        batch === undefined
          ? await database.read
              .selectFrom('pins')
              .selectAll()
              .where('namespace', '=', namespace)
              .where('seq', '>=', sequence ?? 0)
              .orderBy('seq')
              .executeTakeFirst()
          : await database.read
              .selectFrom('pins')
              .selectAll()
              .where('namespace', '=', namespace)
              .where('batch', '=', batch)
              .orderBy('seq')
              .executeTakeFirst()
      if (!pin) throw new NodeError('FF10109')
      const open = await database.read
        .selectFrom('pins')
        .selectAll()
        .where('namespace', '=', namespace)
        .where('dispatched', '=', sql.lit(0))
        .where('batch', '=', pin.batch)
        .execute()
      for (const each of open) await rewindPin(each)
      deps.aggregator.retryBlocked()
      return { sequence: pin.seq, batch: pin.batch }
    },
    async requestPayload(batchId) {
      const pin = await openPin(batchId)
      if (!pin) throw new NodeError('FF10109')
      if (pin.masked === 0) deps.intake.ask(batchId)
      else await deps.requestPrivate(pin)
    },
  }
}
