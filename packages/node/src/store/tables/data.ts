import { type BlobRef, type Data, padTime, RawJson, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, hash, integer, json, text, time, uuid } from '../filter-fields.ts'
import type { DataRow, Tables } from '../schema.ts'

export const dataFields = {
  id: uuid('id'),
  validator: text('validator'),
  'datatype.name': text('datatypeName'),
  'datatype.version': text('datatypeVersion'),
  hash: hash('hash'),
  'blob.hash': hash('blobHash'),
  'blob.public': text('blobPublic'),
  'blob.name': text('blobName'),
  'blob.path': text('blobPath'),
  'blob.size': integer('blobSize'),
  created: time('created'),
  value: json('value'),
  public: text('public'),
} satisfies FilterFields

export function rowToData(row: DataRow): Data {
  const { datatypeName, datatypeVersion } = row
  const blob = rowToBlobRef(row)
  return {
    id: row.id,
    validator: row.validator,
    namespace: row.namespace,
    hash: row.hash,
    created: trimTime(row.created),
    ...((datatypeName !== null || datatypeVersion !== null) && {
      datatype: {
        ...(datatypeName !== null && { name: datatypeName }),
        ...(datatypeVersion !== null && { version: datatypeVersion }),
      },
    }),
    ...(row.value !== null && { value: new RawJson(row.value) }),
    ...(row.public !== null && { public: row.public }),
    ...(blob !== undefined && { blob }),
  }
}

function rowToBlobRef(row: DataRow): BlobRef | undefined {
  if (row.blobHash === null) return undefined
  return {
    hash: row.blobHash,
    size: row.blobSize ?? 0,
    name: row.blobName ?? '',
    ...(row.blobPath !== null && { path: row.blobPath }),
    ...(row.blobPublic !== null && { public: row.blobPublic }),
  }
}

/** What a data item does not say of itself. */
export interface DataPlace {
  readonly seq: number
  /** Local name. */
  readonly namespace: string
}

export function dataToRow(data: Data, { seq, namespace }: DataPlace): DataRow {
  const { blob, datatype } = data
  return {
    seq,
    namespace,
    id: data.id,
    validator: data.validator,
    datatypeName: datatype?.name ?? null,
    datatypeVersion: datatype?.version ?? null,
    hash: data.hash,
    created: padTime(data.created),
    value: data.value?.text ?? null,
    public: data.public ?? null,
    blobHash: blob?.hash ?? null,
    blobPublic: blob?.public ?? null,
    blobName: blob?.name ?? null,
    blobPath: blob?.path ?? null,
    blobSize: blob?.size ?? null,
  }
}

export const listData: List<'data', Data> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('data')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToData,
  )

export async function getData(
  db: Kysely<Tables>,
  namespace: string,
  id: string,
): Promise<Data | undefined> {
  const row = await db
    .selectFrom('data')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && rowToData(row)
}
