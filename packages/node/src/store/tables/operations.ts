import { type Operation, RawJson, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, json, text, time, uuid } from '../filter-fields.ts'
import type { OperationRow, Tables } from '../schema.ts'

export const operationFields = {
  id: uuid('id'),
  tx: uuid('tx'),
  type: text('type'),
  status: text('status'),
  error: text('error'),
  plugin: text('plugin'),
  input: json('input'),
  output: json('output'),
  created: time('created'),
  updated: time('updated'),
  retry: uuid('retry'),
} satisfies FilterFields

export function rowToOperation(row: OperationRow): Operation {
  return {
    id: row.id,
    namespace: row.namespace,
    tx: row.tx,
    type: row.type,
    status: row.status,
    plugin: row.plugin,
    ...(row.input !== null && { input: new RawJson(row.input) }),
    ...(row.output !== null && { output: new RawJson(row.output) }),
    ...(row.error !== null && { error: row.error }),
    created: trimTime(row.created),
    updated: trimTime(row.updated),
    ...(row.retry !== null && { retry: row.retry }),
  }
}

export const listOperations: List<'operations', Operation> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('operations')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToOperation,
  )

export async function getOperation(
  db: Kysely<Tables>,
  namespace: string,
  id: string,
): Promise<Operation | undefined> {
  const row = await db
    .selectFrom('operations')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && rowToOperation(row)
}
