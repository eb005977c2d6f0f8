import { sha256Hex } from '#sha256'
import { NodeError } from '../errors/node-error.ts'
import type { BatchData, BatchMessage, BatchPayload } from '../model/batch.ts'
import { hashManifest, manifestOf, payloadJson } from './batch.ts'
import { hashData } from './data.ts'
import { validateMessageTxType, verifyMessage } from './verify-message.ts'

/** The first reason why a batch is not what its author sealed; undefined if there is none. */
export function verifyBatch(batch: BatchPayload): string | undefined {
  try {
    checkBatch(batch)
    return undefined
  } catch (error) {
    if (error instanceof NodeError) return error.message
    throw error
  }
}

function checkBatch(batch: BatchPayload): void {
  const { tx, messages, data } = batch.payload
  if (tx.id === undefined) refuse('payload.tx.id is missing')
  validateMessageTxType(tx.type)
  if (messages.length === 0) refuse('it has no messages')
  const manifestHash = hashManifest(manifestOf(batch))
  if (manifestHash !== batch.hash && sha256Hex(payloadJson(batch.payload)) !== batch.hash) {
    refuse(`its hash ${manifestHash} differs from the stated ${batch.hash}`)
  }
  const unused = hashesById(data)
  checkMessages(batch, new Map(unused), unused)
  const [extra] = unused.keys()
  if (extra !== undefined) refuse(`no message refers to data ${extra}`)
}

function hashesById(data: readonly BatchData[]): Map<string, string> {
  const hashes = new Map<string, string>()
  for (const item of data) {
    checkData(item)
    const other = hashes.get(item.id)
    if (other !== undefined && other !== item.hash) refuse(`data ${item.id} has two hashes`)
    hashes.set(item.id, item.hash)
  }
  return hashes
}

function checkData({ id, hash, value, blob }: BatchData): void {
  const actual = hashData({
    ...(value !== undefined && { value: value.text }),
    ...(blob !== undefined && { blobHash: blob.hash }),
  })
  if (actual !== hash) throw new NodeError('CC20702', { id, actual, expected: hash })
}

function checkMessages(
  { author, key, payload }: BatchPayload,
  hashes: ReadonlyMap<string, string>,
  unused: Map<string, string>,
): void {
  const seen = new Set<string>()
  for (const message of payload.messages) {
    const { header, data } = message
    if (seen.has(header.id)) refuse(`message ${header.id} appears twice`)
    seen.add(header.id)
    if (header.author !== author || header.key !== key) {
      refuse(`message ${header.id} has another author or key than its batch`)
    }
    verifyMessage(message)
    for (const ref of data) {
      if (hashes.get(ref.id) !== ref.hash) refuse(missingData(message, ref.id))
      unused.delete(ref.id)
    }
  }
}

const missingData = ({ header }: BatchMessage, id: string): string =>
  `message ${header.id} refers to data ${id}, which is not in the batch with that hash`

function refuse(reason: string): never {
  throw new NodeError('CC20701', { reason })
}
