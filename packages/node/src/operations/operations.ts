import { formatTime, padTime } from '@concordat/protocol'
import type { World } from '../lib/world.ts'
import type { Transaction } from '../store/database.ts'
import type { OperationRow } from '../store/schema.ts'

export interface NewOperation {
  readonly tx: string
  readonly type: string
  readonly plugin: string
  readonly input: object
}

export type OperationStatus = 'Initialized' | 'Pending' | 'Succeeded' | 'Failed'

export interface OperationUpdate {
  readonly id: string
  readonly status: OperationStatus
  readonly output?: object
  readonly error?: string
}

const FINAL = ['Succeeded', 'Failed']

/** Calls to the outside, as rows: written before they are made, and kept up to date in the transaction that learns their end. */
export interface Operations {
  create(tx: Transaction, operations: readonly NewOperation[]): Promise<OperationRow[]>
  /** A final status stays, but a failed one may still succeed. */
  update(tx: Transaction, updates: readonly OperationUpdate[]): Promise<void>
}

export function createOperations(namespace: string, world: World): Operations {
  const time = (): string => padTime(formatTime(world.now()))
  return {
    async create(tx, operations) {
      const created = time()
      const first = tx.sequence('operations', operations.length)
      const rows = operations.map(
        (operation, i): OperationRow => ({
          seq: first + i,
          namespace,
          id: world.uuid(),
          tx: operation.tx,
          type: operation.type,
          status: 'Initialized',
          plugin: operation.plugin,
          input: JSON.stringify(operation.input),
          output: null,
          error: null,
          created,
          updated: created,
          retry: null,
        }),
      )
      await tx.insertMany('operations', rows)
      return rows
    },
    async update(tx, updates) {
      const updated = time()
      for (const { id, status, output, error } of updates) {
        await tx.db
          .updateTable('operations')
          .set({
            status,
            updated,
            error: error ?? null,
            ...(output && { output: JSON.stringify(output) }),
          })
          .where('namespace', '=', namespace)
          .where('id', '=', id)
          .where('status', 'not in', status === 'Succeeded' ? ['Succeeded'] : FINAL)
          .execute()
      }
    },
  }
}
