import {
  type BatchData,
  type BatchMessage,
  type BatchPayload,
  batchPayloadJson,
  type Group,
  NodeError,
  RawJson,
  transportWrapperJson,
  trimTime,
} from '@concordat/protocol'
import type { SharedStorage } from '../storage/storage.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { BatchRow, DataRow, MessageRow } from '../store/schema.ts'
import { rowToGroup } from '../store/tables/groups.ts'
import { rowToMessage } from '../store/tables/messages.ts'
import { dataRefsOf } from './seal.ts'

export interface BuiltPayload {
  readonly payload: BatchPayload
  readonly content: Uint8Array
  /** Ids of the data whose blobs go to each receiver first; private batches only. */
  readonly blobs: readonly string[]
}

export interface PayloadDeps {
  readonly namespace: string
  readonly networkName: string
  readonly freshData: FreshData
}

/** Data rows written lately, by id and hash: spares sealing a read. */
export interface FreshData {
  take(id: string, hash: string): DataRow | undefined
}

export interface Contents {
  readonly messages: readonly MessageRow[]
  /** In message order; data that two messages use stands twice. */
  readonly data: readonly DataRow[]
}

/** What travels: the batch as FireFly writes it, with the network's name for the namespace. */
export async function buildPayload(
  deps: PayloadDeps,
  tx: Transaction,
  batch: BatchRow,
  { messages, data }: Contents,
): Promise<BuiltPayload> {
  const isPrivate = batch.groupHash !== null
  const payload: BatchPayload = {
    id: batch.id,
    type: isPrivate ? 'private' : 'broadcast',
    namespace: deps.networkName,
    ...(batch.node && { node: batch.node }),
    ...(batch.groupHash && { group: batch.groupHash }),
    created: trimTime(batch.created),
    author: batch.author,
    key: batch.key,
    hash: batch.hash,
    payload: {
      tx: { type: batch.txType, id: batch.txId },
      messages: messages.map(toBatchMessage),
      data: data.map((row) => toBatchData(row, isPrivate)),
    },
  }
  const text = isPrivate
    ? transportWrapperJson({ ...(await wrappedGroup(deps, tx, batch)), batch: payload })
    : batchPayloadJson(payload)
  const blobs = isPrivate
    ? data.filter(({ blobHash }) => blobHash !== null).map(({ id }) => id)
    : []
  return { payload, content: Buffer.from(text), blobs }
}

/** An unpinned batch brings its group along, since no announcement of it may have been confirmed. */
async function wrappedGroup(
  { namespace }: PayloadDeps,
  { db }: Transaction,
  { txType, groupHash }: BatchRow,
): Promise<{ group?: Group }> {
  if (txType !== 'unpinned' || groupHash === null) return {}
  const row = await db
    .selectFrom('groups')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('hash', '=', groupHash)
    .executeTakeFirst()
  return row ? { group: rowToGroup(row) } : {}
}

function toBatchMessage(row: MessageRow): BatchMessage {
  const { header, hash, data, pins } = rowToMessage(row)
  return { header, hash, data, ...(pins && { pins }) }
}

function toBatchData(row: DataRow, isPrivate: boolean): BatchData {
  return {
    id: row.id,
    validator: row.validator as BatchData['validator'],
    hash: row.hash,
    created: trimTime(row.created),
    ...((row.datatypeName !== null || row.datatypeVersion !== null) && {
      datatype: {
        ...(row.datatypeName && { name: row.datatypeName }),
        ...(row.datatypeVersion && { version: row.datatypeVersion }),
      },
    }),
    ...(row.value !== null && { value: new RawJson(row.value) }),
    ...(row.blobHash !== null && {
      blob: {
        hash: row.blobHash,
        size: row.blobSize ?? 0,
        name: row.blobName ?? '',
        ...(!isPrivate && row.blobPath && { path: row.blobPath }),
        ...(!isPrivate && row.blobPublic && { public: row.blobPublic }),
      },
    }),
  }
}

export async function loadData(
  { namespace, freshData }: PayloadDeps,
  { db }: Transaction,
  messages: readonly MessageRow[],
): Promise<DataRow[]> {
  const refs = messages.flatMap(dataRefsOf)
  const found = new Map<string, DataRow>()
  const missing: string[] = []
  for (const { id, hash } of refs) {
    const row = freshData.take(id, hash)
    if (row) found.set(id + hash, row)
    else missing.push(id)
  }
  if (missing.length > 0) {
    const rows = await db
      .selectFrom('data')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('id', 'in', missing)
      .execute()
    for (const row of rows) found.set(row.id + row.hash, row)
  }
  return refs.map(({ id, hash }) => {
    const row = found.get(id + hash)
    if (!row) throw new NodeError('CC20702', { id, actual: 'none', expected: hash })
    return row
  })
}

export const hasUnpublishedBlob = ({ blobHash, blobPublic }: DataRow): boolean =>
  blobHash !== null && blobPublic === null

/** Publishes the blobs that are not public yet, and writes where they are. */
export async function publishBlobs(
  { namespace, database }: { namespace: string; database: Database },
  storage: SharedStorage,
  rows: readonly DataRow[],
): Promise<DataRow[]> {
  const published: DataRow[] = []
  for (const row of rows) {
    if (!hasUnpublishedBlob(row)) {
      published.push(row)
      continue
    }
    const blob = await database.read
      .selectFrom('blobs')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('hash', '=', row.blobHash)
      .executeTakeFirst()
    if (!blob) throw new NodeError('FF10242')
    const blobPublic = await storage.publishBlob(blob.payloadRef, blob.hash, blob.size)
    await database.transaction(
      async ({ db }) =>
        void (await db
          .updateTable('data')
          .set({ blobPublic })
          .where('seq', '=', row.seq)
          .execute()),
    )
    published.push({ ...row, blobPublic })
  }
  return published
}
