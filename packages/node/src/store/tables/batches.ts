import { type Batch, RawJson, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, hash, text, time, uuid } from '../filter-fields.ts'
import type { BatchRow, Tables } from '../schema.ts'

export const batchFields = {
  id: uuid('id'),
  type: text('type'),
  author: text('author'),
  key: text('key'),
  group: hash('groupHash'),
  hash: hash('hash'),
  payloadref: text('payloadRef'),
  created: time('created'),
  confirmed: time('confirmed'),
  'tx.type': text('txType'),
  'tx.id': uuid('txId'),
  node: uuid('node'),
} satisfies FilterFields

export function rowToBatch(row: BatchRow): Batch {
  return {
    id: row.id,
    type: row.type,
    namespace: row.namespace,
    ...(row.node !== null && { node: row.node }),
    ...(row.groupHash !== null && { group: row.groupHash }),
    created: trimTime(row.created),
    author: row.author,
    key: row.key,
    hash: row.hash,
    manifest: new RawJson(row.manifest),
    tx: { type: row.txType, id: row.txId },
    ...(row.confirmed !== null && { confirmed: trimTime(row.confirmed) }),
  }
}

export const listBatches: List<'batches', Batch> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('batches')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToBatch,
  )

export async function getBatch(
  db: Kysely<Tables>,
  namespace: string,
  id: string,
): Promise<Batch | undefined> {
  const row = await db
    .selectFrom('batches')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && rowToBatch(row)
}
