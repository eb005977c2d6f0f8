import { NodeError, type Operation } from '@concordat/protocol'
import { sql } from 'kysely'
import type { OperationCommands } from '../namespace.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { BatchRow, OperationRow, PinRow } from '../store/schema.ts'
import { rowToBatch } from '../store/tables/batches.ts'
import { rowToOperation } from '../store/tables/operations.ts'
import type { Operations } from './operations.ts'

export interface OperationEngineDeps {
  readonly namespace: string
  readonly database: Database
  readonly operations: Operations
  readonly dispatcher: {
    /** Reads sealed batches from the table again. */
    rescan(): void
    /** Takes back a batch of which nothing left this node. */
    cancel(batchId: string): Promise<BatchRow>
  }
  /** Asks every holder for a broadcast batch again. */
  readonly intake: { ask(batchId: string): void }
  readonly aggregator: {
    touch(kind: 'broadcast', context: string): void
    maskedPins(hashes: readonly string[]): void
    retryBlocked(): void
  }
  /** Asks for published blobs that are missing again, now. */
  readonly askForBlobs: () => void
  /** Queues what a failed operation did not bring to its receiver, for the operation that takes its place; false: it is of another type. */
  readonly resend: (tx: Transaction, operation: OperationRow) => Promise<boolean>
  /** Asks the other members of a group for a private batch. */
  readonly requestPrivate: (pin: PinRow) => Promise<void>
}

export function createOperationEngine(deps: OperationEngineDeps): OperationCommands {
  const { aggregator, dispatcher, intake } = deps
  return {
    retry: (operationId) => retry(deps, operationId),
    cancelBatch: async (batchId) => rowToBatch(await dispatcher.cancel(batchId)),
    async rewind({ sequence, batch }) {
      const pin = await firstPin(
        deps,
        batch === undefined ? { from: sequence ?? 0 } : { batch, from: 0 },
      )
      for (const { masked, hash } of await openPins(deps, pin.batch)) {
        if (masked === 0) aggregator.touch('broadcast', hash)
        else aggregator.maskedPins([hash])
      }
      aggregator.retryBlocked()
      return { sequence: pin.seq, batch: pin.batch }
    },
    async requestPayload(batchId) {
      const pin = await firstUndecidedPin(deps, batchId)
      if (pin.masked === 0) {
        intake.ask(batchId)
        deps.askForBlobs()
      } else await deps.requestPrivate(pin)
    },
  }
}

/** Makes an operation again, and puts its batch back to where it is sent from. */
async function retry(
  { namespace, database, operations, dispatcher, resend }: OperationEngineDeps,
  operationId: string,
): Promise<Operation> {
  const row = await database.read
    .selectFrom('operations')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', operationId)
    .executeTakeFirst()
  if (!row) throw new NodeError('FF10109')
  if (row.status === 'Succeeded')
    throw new NodeError('CC20704', { id: operationId, reason: 'it has succeeded' })
  const retried = await database.transaction((tx) => retryIn(tx, { operations, resend }, row))
  dispatcher.rescan()
  return rowToOperation(retried)
}

async function retryIn(
  tx: Transaction,
  { operations, resend }: Pick<OperationEngineDeps, 'operations' | 'resend'>,
  row: OperationRow,
): Promise<OperationRow> {
  const input: object = JSON.parse(row.input ?? '{}')
  const [made] = await operations.create(tx, [
    { tx: row.tx, type: row.type, plugin: row.plugin, input },
  ])
  if (!made) throw new NodeError('CC20001')
  await tx.db
    .updateTable('operations')
    .set({ retry: made.id, status: 'Failed' })
    .where('seq', '=', row.seq)
    .execute()
  if (await resend(tx, made)) return made
  await tx.db
    .updateTable('batches')
    .set({ state: 'sealed' })
    .where('namespace', '=', row.namespace)
    .where('txId', '=', row.tx)
    .where('state', '=', 'sent')
    .execute()
  return made
}

type PinReads = Pick<OperationEngineDeps, 'namespace' | 'database'>

const pinsOf = ({ namespace, database }: PinReads) =>
  database.read.selectFrom('pins').selectAll().where('namespace', '=', namespace).orderBy('seq')

async function firstPin(
  deps: PinReads,
  { batch, from }: { batch?: string; from: number },
): Promise<PinRow> {
  const pin = await pinsOf(deps)
    .where('seq', '>=', from)
    .$if(batch !== undefined, (query) => query.where('batch', '=', batch ?? ''))
    .executeTakeFirst()
  if (!pin) throw new NodeError('FF10109')
  return pin
}

async function firstUndecidedPin(deps: PinReads, batch: string): Promise<PinRow> {
  const [pin] = [...(await openPins(deps, batch)), ...(await setAside(deps, batch))]
  if (!pin) throw new NodeError('FF10109')
  return pin
}

const openPins = (deps: PinReads, batch: string): Promise<PinRow[]> =>
  pinsOf(deps).where('dispatched', '=', sql.lit(0)).where('batch', '=', batch).execute()

const setAside = (deps: PinReads, batch: string): Promise<PinRow[]> =>
  pinsOf(deps).where('dispatched', '=', sql.lit(2)).where('batch', '=', batch).execute()
