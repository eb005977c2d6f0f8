import { type Data, NodeError } from '@concordat/protocol'
import type { Database } from '../store/database.ts'
import type { BlobRow, DataRow } from '../store/schema.ts'
import { dataToRow, rowToData } from '../store/tables/data.ts'

interface StoredDataDeps {
  readonly namespace: string
  readonly database: Database
}

/** The data with this id; FF10109 when there is none. */
export async function findData(
  { namespace, database }: StoredDataDeps,
  id: string,
): Promise<DataRow> {
  const row = await database.read
    .selectFrom('data')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .orderBy('seq')
    .executeTakeFirst()
  if (!row) throw new NodeError('FF10109')
  return row
}

/** The blob that data refers to; FF10241 when it refers to none, FF10242 when it is not here. */
export async function findBlob(
  { namespace, database }: StoredDataDeps,
  { id, blobHash }: DataRow,
): Promise<BlobRow> {
  if (blobHash === null) throw new NodeError('FF10241')
  const query = database.read
    .selectFrom('blobs')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('hash', '=', blobHash)
  const blob =
    (await query.where('dataId', '=', id).executeTakeFirst()) ?? (await query.executeTakeFirst())
  if (!blob) throw new NodeError('FF10242')
  return blob
}

/** Writes data, and where its blob is when it has one. */
export async function insertData(
  { namespace, database }: StoredDataDeps,
  data: Data,
  blob?: Pick<BlobRow, 'payloadRef' | 'hash' | 'size'>,
): Promise<Data> {
  const stored = await database.transaction(async (tx) => {
    const row = dataToRow(data, { seq: tx.sequence('data', 1), namespace })
    await tx.insertMany('data', [row])
    if (blob) {
      const seq = tx.sequence('blobs', 1)
      const { id: dataId, created } = row
      await tx.insertMany('blobs', [{ seq, namespace, ...blob, created, dataId }])
    }
    return row
  })
  return rowToData(stored)
}

export async function updateData(
  { database }: StoredDataDeps,
  row: DataRow,
  change: Partial<Pick<DataRow, 'public' | 'blobPublic'>>,
): Promise<DataRow> {
  await database.transaction(
    async ({ db }) =>
      void (await db.updateTable('data').set(change).where('seq', '=', row.seq).execute()),
  )
  return { ...row, ...change }
}

/** Removes data, and resolves the places of blobs that nothing refers to any more. Messages keep their hash of it. */
export async function removeData(
  { database }: StoredDataDeps,
  { namespace, id, seq }: DataRow,
): Promise<string[]> {
  return await database.transaction(async ({ db }) => {
    const own = await db
      .selectFrom('blobs')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('dataId', '=', id)
      .execute()
    await db.deleteFrom('data').where('seq', '=', seq).execute()
    await db
      .deleteFrom('blobs')
      .where('namespace', '=', namespace)
      .where('dataId', '=', id)
      .execute()
    const refs = own.map(({ payloadRef }) => payloadRef)
    if (refs.length === 0) return []
    const kept = await db
      .selectFrom('blobs')
      .select('payloadRef')
      .where('payloadRef', 'in', refs)
      .execute()
    return refs.filter((ref) => !kept.some(({ payloadRef }) => payloadRef === ref))
  })
}
