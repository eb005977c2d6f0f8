import {
  type Data,
  type Datatype,
  datatypeJson,
  datatypeTopic,
  hashData,
  NodeError,
  RawJson,
  sortedJson,
  validateName,
  validateNameNotUuid,
} from '@concordat/protocol'
import type { BlobStore } from '../exchange/exchange.ts'
import { resolveSigner, type SignerDeps } from '../identity/signer.ts'
import type { World } from '../lib/world.ts'
import type { DataCommands, UploadedBlob, UploadFields, Wait } from '../namespace.ts'
import { sendDefinition } from '../network/definitions.ts'
import type { SharedStorage } from '../storage/storage.ts'
import type { Database } from '../store/database.ts'
import type { BlobRow, DataRow } from '../store/schema.ts'
import { rowToData } from '../store/tables/data.ts'
import { getDatatypeByName } from '../store/tables/datatypes.ts'
import { compileSchema } from './datatypes.ts'
import { draftData, type Unplaced, valueText } from './draft.ts'
import type { InlineData } from './inline-data.ts'
import type { MessageEngine } from './message-engine.ts'
import type { Waiters } from './waiters.ts'

export interface DataEngineDeps {
  readonly namespace: string
  readonly world: World
  readonly database: Database
  readonly blobs: BlobStore
  readonly storage: SharedStorage | undefined
  readonly inlineData: InlineData
  /** Absent in a gateway namespace. */
  readonly messages: MessageEngine
  readonly signer: SignerDeps
  readonly waiters: Waiters
}

export function createDataEngine(deps: DataEngineDeps): DataCommands {
  const { namespace, database, blobs } = deps

  async function insert(
    row: Unplaced<DataRow>,
    blob?: { payloadRef: string; hash: string; size: number },
  ): Promise<Data> {
    await deps.inlineData.validate(row)
    const stored = await database.transaction(async (tx) => {
      const placed = { seq: tx.sequence('data', 1), ...row }
      await tx.insertMany('data', [placed])
      if (blob) {
        const { id: dataId, created } = row
        const blobRow: BlobRow = {
          seq: tx.sequence('blobs', 1),
          namespace,
          ...blob,
          created,
          dataId,
        }
        await tx.insertMany('blobs', [blobRow])
      }
      return placed
    })
    return rowToData(stored)
  }

  async function uploadBlob(fields: UploadFields, blob: UploadedBlob): Promise<Data> {
    const written = await deps.blobs.write(blob.content)
    const value = fields.autometa ? withMetadata(fields.value, blob) : fields.value
    const row = draftData(
      deps.messages.place(),
      {
        ...(fields.validator !== undefined && { validator: fields.validator }),
        ...(fields.datatype && { datatype: fields.datatype }),
        ...(value !== undefined && { value: new RawJson(value) }),
      },
      { hash: written.hash, size: written.size, ...nameOf(value, blob.filename) },
    )
    return await insert(row, written)
  }

  async function find(id: string): Promise<DataRow> {
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

  async function findBlob(row: DataRow): Promise<BlobRow> {
    if (row.blobHash === null) throw new NodeError('FF10241')
    const query = database.read
      .selectFrom('blobs')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('hash', '=', row.blobHash)
    const blob =
      (await query.where('dataId', '=', row.id).executeTakeFirst()) ??
      (await query.executeTakeFirst())
    if (!blob) throw new NodeError('FF10242')
    return blob
  }

  async function update(
    row: DataRow,
    change: Partial<Pick<DataRow, 'public' | 'blobPublic'>>,
  ): Promise<Data> {
    await database.transaction(
      async ({ db }) =>
        void (await db.updateTable('data').set(change).where('seq', '=', row.seq).execute()),
    )
    return rowToData({ ...row, ...change })
  }

  const sharedStorage = (): SharedStorage => {
    if (!deps.storage) throw new NodeError('FF10414', { namespace })
    return deps.storage
  }

  return {
    upload: (input) => {
      if (valueText(input.value) === undefined) throw new NodeError('FF00109')
      return insert(draftData(deps.messages.place(), input))
    },
    uploadBlob,
    async readBlob(id) {
      const blob = await findBlob(await find(id))
      return { content: deps.blobs.read(blob.payloadRef), hash: blob.hash, size: blob.size }
    },
    async publishValue(id) {
      const row = await find(id)
      if (row.value === null) throw new NodeError('FF00109')
      return await update(row, { public: await sharedStorage().publish(Buffer.from(row.value)) })
    },
    async publishBlob(id) {
      const row = await find(id)
      const blob = await findBlob(row)
      return await update(row, {
        blobPublic: await sharedStorage().publishBlob(blob.payloadRef, blob.hash, blob.size),
      })
    },
    async remove(id) {
      const row = await find(id)
      await removeData(database, blobs, row)
    },
    createDatatype: (input, wait) => createDatatype(deps, input, wait),
  }
}

/** The row goes, and the blob's bytes with it when no other data refers to them. Messages keep their hash of it. */
async function removeData(database: Database, blobs: BlobStore, row: DataRow): Promise<void> {
  const { namespace, id } = row
  const unused = await database.transaction(async ({ db }) => {
    const own = await db
      .selectFrom('blobs')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('dataId', '=', id)
      .execute()
    await db.deleteFrom('data').where('seq', '=', row.seq).execute()
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
  for (const ref of unused) await blobs.remove(ref)
}

function withMetadata(value: string | undefined, { filename, mimetype }: UploadedBlob): string {
  const given: unknown = value === undefined ? {} : new RawJson(value).value()
  const object = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {}
  return sortedJson({
    ...object,
    ...(filename !== undefined && { filename }),
    ...(mimetype !== undefined && { mimetype }),
  })
}

/** What a blob is called: the value's `name`, else its path and file name. */
function nameOf(value: string | undefined, filename: string | undefined): { name?: string } {
  const given: unknown = value === undefined ? undefined : new RawJson(value).value()
  const { name, path } = (typeof given === 'object' && given !== null ? given : {}) as {
    name?: unknown
    path?: unknown
    filename?: unknown
  }
  if (typeof name === 'string' && name !== '') return { name }
  if (typeof path === 'string' && path !== '' && filename) return { name: `${path}/${filename}` }
  return filename ? { name: filename } : {}
}

async function createDatatype(
  deps: DataEngineDeps,
  input: Parameters<DataCommands['createDatatype']>[0],
  wait: Wait,
): Promise<Datatype> {
  const { namespace, database, messages } = deps
  const { name = '', version = '', validator = 'json', value } = input
  validateNameNotUuid(name, 'name')
  validateName(version, 'version')
  if (validator !== 'json') throw new NodeError('FF10200', { validator })
  compileSchema(value)
  if (await getDatatypeByName(database.read, namespace, name, version))
    throw new NodeError('FF10193', { name: `${name} ${version}` })
  const { created } = messages.place()
  const datatype: Datatype = {
    id: deps.world.uuid(),
    validator,
    namespace,
    name,
    version,
    hash: hashData({ value }),
    created,
    value: new RawJson(value),
  }
  const confirmed = wait.confirm
    ? deps.waiters.until(datatype.id, {
        match: ({ type, reference, correlator }) =>
          (type === 'datatype_confirmed' && reference === datatype.id) ||
          (type === 'message_rejected' && correlator === datatype.id),
        timeoutMs: wait.timeoutMs,
        signal: wait.signal,
      })
    : undefined
  confirmed?.catch(() => {})
  const message = await sendDefinition(messages, {
    ...resolveSigner(deps.signer, {}),
    tag: 'ff_define_datatype',
    topic: datatypeTopic(name),
    text: datatypeJson(datatype),
  })
  await confirmed
  return { ...datatype, message: message.header.id }
}
