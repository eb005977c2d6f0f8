import {
  type BlockchainEvent,
  type Operation,
  type Transaction,
  type TransactionStatus,
  trimTime,
} from '@concordat/protocol'
import type { Namespace } from '../../namespace.ts'
import { rowToBlockchainEvent } from '../../store/tables/blockchain-events.ts'
import { rowToOperation } from '../../store/tables/operations.ts'

type Detail = TransactionStatus['details'][number]

const PINNED = new Set(['batch_pin', 'contract_invoke_pin'])
const WITH_BATCH = new Set([...PINNED, 'unpinned'])

/** The operations of a transaction, oldest first. */
export async function readOperations(
  { database, name }: Namespace,
  tx: string,
): Promise<Operation[]> {
  const rows = await database.read
    .selectFrom('operations')
    .selectAll()
    .where('namespace', '=', name)
    .where('tx', '=', tx)
    .orderBy('seq')
    .execute()
  return rows.map(rowToOperation)
}

/** The blockchain events of a transaction, oldest first. */
export async function readBlockchainEvents(
  { database, name }: Namespace,
  tx: string,
): Promise<BlockchainEvent[]> {
  const rows = await database.read
    .selectFrom('blockchainEvents')
    .selectAll()
    .where('namespace', '=', name)
    .where('txId', '=', tx)
    .orderBy('seq')
    .execute()
  return rows.map(rowToBlockchainEvent)
}

/** How far a transaction is: failed if any part is, pending while any part is, else succeeded. */
export async function transactionStatus(
  namespace: Namespace,
  { id, type }: Transaction,
): Promise<TransactionStatus> {
  const operations = await readOperations(namespace, id)
  const details: Detail[] = operations.filter(({ retry }) => !retry).map(operationDetail)
  if (PINNED.has(type)) details.push(...(await chainDetails(namespace, id)))
  if (WITH_BATCH.has(type)) details.push(await batchDetail(namespace, id))
  const statuses = new Set(details.map(({ status }) => status))
  const pending = statuses.has('Pending') || statuses.has('Initialized')
  const status = statuses.has('Failed') ? 'Failed' : pending ? 'Pending' : 'Succeeded'
  return { status, details: details.sort(newestFirst) }
}

const operationDetail = (operation: Operation): Detail => ({
  type: 'Operation',
  subtype: operation.type,
  status: operation.status,
  timestamp: operation.updated,
  id: operation.id,
  ...(operation.error && { error: operation.error }),
  ...(operation.output && { info: operation.output }),
})

async function chainDetails(namespace: Namespace, tx: string): Promise<Detail[]> {
  const events = await readBlockchainEvents(namespace, tx)
  if (events.length === 0) return [{ type: 'BlockchainEvent', status: 'Pending' }]
  return events.map((event) => ({
    type: 'BlockchainEvent',
    ...(event.name && { subtype: event.name }),
    status: 'Succeeded',
    ...(event.timestamp && { timestamp: event.timestamp }),
    id: event.id,
    ...(event.info && { info: event.info }),
  }))
}

async function batchDetail({ database, name }: Namespace, tx: string): Promise<Detail> {
  const batch = await database.read
    .selectFrom('batches')
    .select(['id', 'type', 'confirmed'])
    .where('namespace', '=', name)
    .where('txId', '=', tx)
    .executeTakeFirst()
  if (!batch) return { type: 'Batch', status: 'Pending' }
  const { id, type, confirmed } = batch
  if (confirmed === null) return { type: 'Batch', subtype: type, status: 'Pending', id }
  return { type: 'Batch', subtype: type, status: 'Succeeded', timestamp: trimTime(confirmed), id }
}

/** What is still to come stands first. */
function newestFirst(a: Detail, b: Detail): number {
  if (!a.timestamp || !b.timestamp) return a.timestamp ? 1 : b.timestamp ? -1 : 0
  return a.timestamp < b.timestamp ? 1 : -1
}
