import {
  type BatchData,
  type BatchMessage,
  type BatchPayload,
  batchPayloadJson,
  NodeError,
  RawJson,
  transportWrapperJson,
  trimTime,
} from '@concordat/protocol'
import type { SharedStorage } from '../storage/storage.ts'
import type { Database } from '../store/database.ts'
import type { BatchRow, DataRow, MessageRow } from '../store/schema.ts'
import { rowToGroup } from '../store/tables/groups.ts'
import { rowToMessage } from '../store/tables/messages.ts'
import type { FreshData } from './dispatcher.ts'
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
  readonly database: Database
  readonly storage: SharedStorage
  readonly freshData: FreshData
}

/** What travels: the batch as FireFly writes it, with the network's name for the namespace. Broadcast blobs are published first. */
export async function buildPayload(
  deps: PayloadDeps,
  batch: BatchRow,
  messages: readonly MessageRow[],
): Promise<BuiltPayload> {
  const rows = await loadData(deps, messages)
  const isPrivate = batch.groupHash !== null
  if (!isPrivate) for (const row of rows) await publishBlob(deps, row)
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
      data: rows.map((row) => toBatchData(row, isPrivate)),
    },
  }
  const text = isPrivate
    ? transportWrapperJson({ ...(await wrappedGroup(deps, batch)), batch: payload })
    : batchPayloadJson(payload)
  return {
    payload,
    content: Buffer.from(text),
    blobs: isPrivate ? rows.filter(({ blobHash }) => blobHash !== null).map(({ id }) => id) : [],
  }
}

/** An unpinned batch brings its group along, since no announcement of it may have been confirmed. */
async function wrappedGroup({ database, namespace }: PayloadDeps, { txType, groupHash }: BatchRow) {
  if (txType !== 'unpinned' || groupHash === null) return {}
  const row = await database.read
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

/** In message order; data that two messages use stands twice. */
async function loadData(
  { database, namespace, freshData }: PayloadDeps,
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
    const rows = await database.read
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

async function publishBlob(
  { database, namespace, storage }: PayloadDeps,
  row: DataRow,
): Promise<void> {
  if (row.blobHash === null || row.blobPublic !== null) return
  const blob = await database.read
    .selectFrom('blobs')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('hash', '=', row.blobHash)
    .executeTakeFirst()
  if (!blob) throw new NodeError('FF10242', {})
  row.blobPublic = await storage.publishBlob(blob.payloadRef, blob.hash, blob.size)
  const { blobPublic } = row
  await database.transaction(
    async ({ db }) =>
      void (await db.updateTable('data').set({ blobPublic }).where('seq', '=', row.seq).execute()),
  )
}
