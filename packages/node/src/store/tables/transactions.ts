import { type Transaction, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, list, text, time, uuid } from '../filter-fields.ts'
import { splitList } from '../lists.ts'
import type { Tables, TransactionRow } from '../schema.ts'

export const transactionFields = {
  id: uuid('id'),
  type: text('type'),
  created: time('created'),
  idempotencykey: text('idempotencyKey'),
  blockchainids: list('blockchainIds'),
} satisfies FilterFields

export function rowToTransaction(row: TransactionRow): Transaction {
  return {
    id: row.id,
    namespace: row.namespace,
    type: row.type,
    created: trimTime(row.created),
    ...(row.idempotencyKey !== null && { idempotencyKey: row.idempotencyKey }),
    ...(row.blockchainIds !== null && { blockchainIds: splitList(row.blockchainIds) }),
  }
}

export const listTransactions: List<'transactions', Transaction> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('transactions')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToTransaction,
  )

export async function getTransaction(
  db: Kysely<Tables>,
  namespace: string,
  id: string,
): Promise<Transaction | undefined> {
  const row = await db
    .selectFrom('transactions')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && rowToTransaction(row)
}
