import {
  broadcastContext,
  formatPin,
  hashManifest,
  manifestJson,
  maskedPin,
  nonceKey,
} from '@concordat/protocol'
import type { MessageRow } from '../store/schema.ts'

export interface SealInput {
  readonly batchId: string
  readonly txId: string
  readonly txType: string
  readonly messages: readonly MessageRow[]
  /** The next nonce of each nonce key; missing means 0. Private batches only. */
  readonly nonces: ReadonlyMap<string, number>
}

export interface Sealed {
  readonly manifest: string
  readonly hash: string
  /** Per message, `hash:nonce` for each topic; undefined for a broadcast or unpinned batch. */
  readonly pins: readonly string[][] | undefined
  /** The nonces as they are after this batch. */
  readonly nonces: ReadonlyMap<string, number>
}

/** Cuts a batch: its manifest, its hash, and the masked pins of a private one. Pure. */
export function sealBatch({ batchId, txId, txType, messages, nonces }: SealInput): Sealed {
  const manifest = manifestJson({
    id: batchId,
    tx: { type: txType, id: txId },
    messages: messages.map((row) => ({ id: row.id, hash: row.hash, topics: topicsOf(row).length })),
    data: messages.flatMap(dataRefsOf),
  })
  const next = new Map(nonces)
  const masked = messages.some(({ groupHash }) => groupHash !== null) && txType !== 'unpinned'
  return {
    manifest,
    hash: hashManifest(manifest),
    pins: masked ? messages.map((row) => allocatePins(row, next)) : undefined,
    nonces: next,
  }
}

/** Pins once given to a message are kept: sealing it again uses up no nonce. */
function allocatePins(row: MessageRow, nonces: Map<string, number>): string[] {
  const group = row.groupHash ?? ''
  if (row.pins !== null) return row.pins.split(',')
  return topicsOf(row).map((topic) => {
    const key = nonceKey(topic, group, row.author)
    const nonce = nonces.get(key) ?? 0
    nonces.set(key, nonce + 1)
    return formatPin(maskedPin(topic, group, row.author, nonce), nonce)
  })
}

/** What goes on chain for a batch, in pin order. */
export const contextsOf = (messages: readonly MessageRow[]): string[] =>
  messages.flatMap((row) =>
    row.pins === null
      ? topicsOf(row).map(broadcastContext)
      : row.pins.split(',').map((pin) => pin.slice(0, 64)),
  )

export const nonceKeysOf = (row: MessageRow): string[] =>
  row.groupHash === null
    ? []
    : topicsOf(row).map((topic) => nonceKey(topic, row.groupHash ?? '', row.author))

export const topicsOf = (row: Pick<MessageRow, 'topics'>): string[] => row.topics.split(',')

export const dataRefsOf = (row: Pick<MessageRow, 'dataRefs'>): { id: string; hash: string }[] =>
  JSON.parse(row.dataRefs) as { id: string; hash: string }[]
