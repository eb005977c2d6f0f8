import { sha256Hex } from '#sha256'
import { RawJson } from '../json/raw-json.ts'
import { stringifyGo } from '../json/stringify.ts'
import type { BatchData, BatchMessage, BatchPayload } from '../model/batch.ts'
import type { DataRef } from '../model/data.ts'
import type { Group } from '../model/group.ts'
import type { TransactionRef } from '../model/message.ts'
import { blobRefJson, datatypeRefJson } from './data.ts'
import { groupJson } from './group.ts'
import { optional } from './members.ts'
import { dataRefsJson, messageHeaderJson, textListJson, transactionRefJson } from './message.ts'

/** A message as it travels: state and local names stay at home. */
export function batchMessageJson(message: BatchMessage): string {
  const { header, hash, txid, data, pins } = message
  let text = `{"header":${messageHeaderJson(header)}${optional('hash', hash)}`
  text += `${optional('txid', txid)},"data":${dataRefsJson(data)}`
  if (pins !== undefined && pins.length > 0) text += `,"pins":${textListJson(pins)}`
  return `${text}}`
}

/** A data item as it travels. What a private batch must not tell of a blob is the caller's to leave out. */
export function batchDataJson(data: BatchData): string {
  const { id, validator, hash, created, datatype, value, blob } = data
  let text = `{"id":${stringifyGo(id)},"validator":${stringifyGo(validator)}`
  text += optional('hash', hash) + optional('created', created)
  if (datatype !== undefined) text += `,"datatype":${datatypeRefJson(datatype)}`
  text += `,"value":${value === undefined ? 'null' : value.text}`
  if (blob !== undefined) text += `,"blob":${blobRefJson(blob)}`
  return `${text}}`
}

/** The payload part alone; its hash is the batch hash in networks that know no manifest. */
export function payloadJson(payload: BatchPayload['payload']): string {
  const messages = payload.messages.map(batchMessageJson).join(',')
  const data = payload.data.map(batchDataJson).join(',')
  return `{"tx":${transactionRefJson(payload.tx)},"messages":[${messages}],"data":[${data}]}`
}

/** A batch as it is put in shared storage, or sent to a member inside a transport wrapper. */
export function batchPayloadJson(batch: BatchPayload): string {
  let text = `{"id":${stringifyGo(batch.id)},"type":${stringifyGo(batch.type)}`
  text += `,"namespace":${stringifyGo(batch.namespace)}`
  text += optional('node', batch.node) + optional('group', batch.group)
  text += `,"created":${batch.created === '' ? 'null' : stringifyGo(batch.created)}`
  text += optional('author', batch.author) + optional('key', batch.key)
  return `${text},"hash":${stringifyGo(batch.hash)},"payload":${payloadJson(batch.payload)}}`
}

/** What is sent to a member: the batch (or its text, made before), and for unpinned ones the group. */
export function transportWrapperJson(wrapper: {
  readonly group?: Group
  readonly batch: BatchPayload | RawJson
}): string {
  const { group, batch } = wrapper
  const text = batch instanceof RawJson ? batch.text : batchPayloadJson(batch)
  return group === undefined ? `{"batch":${text}}` : `{"group":${groupJson(group)},"batch":${text}}`
}

export interface ManifestParts {
  readonly id: string
  readonly tx: TransactionRef
  /** `topics` is their number. */
  readonly messages: readonly {
    readonly id: string
    readonly hash: string
    readonly topics: number
  }[]
  readonly data: readonly DataRef[]
}

/** What the batch hash covers. */
export function manifestJson({ id, tx, messages, data }: ManifestParts): string {
  let text = ''
  for (const message of messages) {
    text += `${text === '' ? '' : ','}{"id":${stringifyGo(message.id)}`
    text += `,"hash":${stringifyGo(message.hash)},"topics":${message.topics}}`
  }
  return (
    `{"version":1,"id":${stringifyGo(id)},"tx":${transactionRefJson(tx)}` +
    `,"messages":[${text}],"data":${dataRefsJson(data)}}`
  )
}

/** The batch hash, of the manifest's text. */
export const hashManifest = (manifest: string): string => sha256Hex(manifest)

/** The manifest of a batch in flight. */
export const manifestOf = ({ id, payload }: BatchPayload): string =>
  manifestJson({
    id,
    tx: payload.tx,
    messages: payload.messages.map(({ header, hash }) => ({
      id: header.id,
      hash,
      topics: header.topics.length,
    })),
    data: payload.data,
  })
