import { type BlockchainEvent, RawJson, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, text, time, uuid } from '../filter-fields.ts'
import type { BlockchainEventRow, Tables } from '../schema.ts'

export const blockchainEventFields = {
  id: uuid('id'),
  source: text('source'),
  name: text('name'),
  protocolid: text('protocolId'),
  listener: text('listener'),
  'tx.type': text('txType'),
  'tx.id': uuid('txId'),
  'tx.blockchainid': text('txBlockchainId'),
  timestamp: time('timestamp'),
} satisfies FilterFields

export function rowToBlockchainEvent(row: BlockchainEventRow): BlockchainEvent {
  return {
    id: row.id,
    source: row.source,
    namespace: row.namespace,
    name: row.name,
    ...(row.listener !== null && { listener: row.listener }),
    protocolId: row.protocolId,
    output: new RawJson(row.output),
    info: new RawJson(row.info),
    timestamp: trimTime(row.timestamp),
    tx: {
      ...(row.txType !== null && { type: row.txType }),
      ...(row.txId !== null && { id: row.txId }),
      ...(row.txBlockchainId !== null && { blockchainId: row.txBlockchainId }),
    },
  }
}

export const listBlockchainEvents: List<'blockchainEvents', BlockchainEvent> = (
  db,
  namespace,
  filter,
  also,
) =>
  readPage(
    db
      .selectFrom('blockchainEvents')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToBlockchainEvent,
  )

export async function getBlockchainEvent(
  db: Kysely<Tables>,
  namespace: string,
  id: string,
): Promise<BlockchainEvent | undefined> {
  const row = await db
    .selectFrom('blockchainEvents')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && rowToBlockchainEvent(row)
}
