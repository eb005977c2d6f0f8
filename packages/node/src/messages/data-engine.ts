import { type Data, NodeError, RawJson } from '@concordat/protocol'
import type { BlobStore } from '../exchange/exchange.ts'
import type { DataCommands, UploadedBlob, UploadFields } from '../namespace.ts'
import type { SharedStorage } from '../storage/storage.ts'
import { rowToData } from '../store/tables/data.ts'
import { nameOf, withMetadata } from './blob-metadata.ts'
import { createDatatype, type DatatypeDeps } from './create-datatype.ts'
import { draftData, valueText } from './draft.ts'
import type { InlineData } from './inline-data.ts'
import { findBlob, findData, insertData, removeData, updateData } from './stored-data.ts'

export interface DataEngineDeps extends DatatypeDeps {
  readonly blobs: BlobStore
  readonly storage: SharedStorage | undefined
  readonly inlineData: InlineData
}

export function createDataEngine(deps: DataEngineDeps): DataCommands {
  const { namespace, blobs, inlineData, messages } = deps

  const sharedStorage = (): SharedStorage => {
    if (!deps.storage) throw new NodeError('FF10414', { namespace })
    return deps.storage
  }

  return {
    async upload(input) {
      if (valueText(input.value) === undefined) throw new NodeError('FF00109')
      const data = draftData(messages.place(), input)
      await inlineData.validate(data)
      return await insertData(deps, data)
    },
    uploadBlob: (fields, blob) => uploadBlob(deps, fields, blob),
    async readBlob(id) {
      const { payloadRef, hash, size } = await findBlob(deps, await findData(deps, id))
      return { content: blobs.read(payloadRef), hash, size }
    },
    async publishValue(id) {
      const row = await findData(deps, id)
      if (row.value === null) throw new NodeError('FF00109')
      const ref = await sharedStorage().publish(Buffer.from(row.value))
      return rowToData(await updateData(deps, row, { public: ref }))
    },
    async publishBlob(id) {
      const row = await findData(deps, id)
      const { payloadRef, hash, size } = await findBlob(deps, row)
      const ref = await sharedStorage().publishBlob(payloadRef, hash, size)
      return rowToData(await updateData(deps, row, { blobPublic: ref }))
    },
    async remove(id) {
      for (const ref of await removeData(deps, await findData(deps, id))) await blobs.remove(ref)
    },
    createDatatype: (input, wait) => createDatatype(deps, input, wait),
  }
}

async function uploadBlob(
  deps: DataEngineDeps,
  { validator, datatype, autometa, value: given }: UploadFields,
  blob: UploadedBlob,
): Promise<Data> {
  const written = await deps.blobs.write(blob.content)
  const value = autometa ? withMetadata(given, blob) : given
  const data = draftData(
    deps.messages.place(),
    {
      ...(validator !== undefined && { validator }),
      ...(datatype && { datatype }),
      ...(value !== undefined && { value: new RawJson(value) }),
    },
    { hash: written.hash, size: written.size, ...nameOf(value, blob.filename) },
  )
  await deps.inlineData.validate(data)
  return await insertData(deps, data, written)
}
