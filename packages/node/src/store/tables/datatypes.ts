import { type Datatype, RawJson, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, text, time, uuid } from '../filter-fields.ts'
import type { DatatypeRow, Tables } from '../schema.ts'

export const datatypeFields = {
  id: uuid('id'),
  message: uuid('message'),
  validator: text('validator'),
  name: text('name'),
  version: text('version'),
  created: time('created'),
} satisfies FilterFields

export function rowToDatatype(row: DatatypeRow): Datatype {
  return {
    id: row.id,
    ...(row.message !== null && { message: row.message }),
    validator: row.validator,
    namespace: row.namespace,
    name: row.name,
    version: row.version,
    hash: row.hash,
    created: trimTime(row.created),
    value: new RawJson(row.value),
  }
}

export const listDatatypes: List<'datatypes', Datatype> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('datatypes')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToDatatype,
  )

export async function getDatatypeByName(
  db: Kysely<Tables>,
  namespace: string,
  name: string,
  version: string,
): Promise<Datatype | undefined> {
  const row = await db
    .selectFrom('datatypes')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('name', '=', name)
    .where('version', '=', version)
    .executeTakeFirst()
  return row && rowToDatatype(row)
}
