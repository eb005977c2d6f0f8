import {
  type DataInput,
  hashData,
  hashDataRefs,
  hashMessageHeader,
  isName,
  type Message,
  type MessageHeader,
  NodeError,
  RawJson,
  validateTopics,
} from '@concordat/protocol'
import type { DataRow, MessageRow } from '../store/schema.ts'

/** A row that has not been given its place yet. */
export type Unplaced<Row> = Omit<Row, 'seq'>

/** A message ready to be written: its row, and the data it brings along. */
export interface Draft {
  readonly row: Unplaced<MessageRow>
  readonly data: readonly Unplaced<DataRow>[]
  readonly message: Message
}

export interface Place {
  readonly namespace: string
  readonly networkName: string
  /** RFC 3339 with nanoseconds, trimmed, as hashed; and padded, as stored. */
  readonly created: string
  readonly createdPadded: string
  readonly uuid: () => string
}

/** What a draft refers to: data already stored, or new with this message. */
export type DraftData =
  | { readonly kind: 'stored'; readonly row: DataRow }
  | { readonly kind: 'new'; readonly row: Unplaced<DataRow> }

export interface DraftHeader {
  readonly id?: string
  readonly type: string
  readonly txtype: string
  readonly author: string
  readonly key: string
  readonly cid?: string | undefined
  readonly tag?: string | undefined
  readonly topics?: readonly string[] | undefined
  readonly group?: string | undefined
  readonly idempotencyKey?: string | undefined
}

const PER_MESSAGE = 1024
const PER_DATA = 256

/** Seals a message: ids, times and hashes exactly as they will be pinned. Pure. */
export function draftMessage(place: Place, input: DraftHeader, data: readonly DraftData[]): Draft {
  const topics = input.topics && input.topics.length > 0 ? [...input.topics] : ['default']
  validateTopics(topics)
  if (input.tag && !isName(input.tag)) throw new NodeError('FF00140', { field: 'header.tag' })
  const refs = data.map(({ row }) => ({ id: row.id, hash: row.hash }))
  if (new Set(refs.map(({ id }) => id)).size < refs.length)
    throw new NodeError('FF00129', { index: refs.length - 1 })
  const header: MessageHeader = {
    id: input.id ?? place.uuid(),
    ...(input.cid && { cid: input.cid }),
    type: input.type,
    txtype: input.txtype,
    author: input.author,
    key: input.key,
    created: place.created,
    namespace: place.networkName,
    ...(input.group && { group: input.group }),
    topics,
    ...(input.tag && { tag: input.tag }),
    datahash: hashDataRefs(refs),
  }
  const hash = hashMessageHeader(header)
  const size = data.reduce((sum, { row }) => sum + PER_DATA + (row.value?.length ?? 0), PER_MESSAGE)
  const message: Message = {
    header,
    localNamespace: place.namespace,
    hash,
    state: 'ready',
    data: refs,
    ...(input.idempotencyKey && { idempotencyKey: input.idempotencyKey }),
  }
  return {
    message,
    data: data.flatMap((item) => (item.kind === 'new' ? [item.row] : [])),
    row: toRow(place, message, header, size),
  }
}

function toRow(
  place: Place,
  message: Message,
  header: MessageHeader,
  size: number,
): Unplaced<MessageRow> {
  return {
    namespace: place.namespace,
    id: header.id ?? '',
    type: header.type,
    txtype: header.txtype ?? null,
    cid: header.cid ?? null,
    author: header.author ?? '',
    key: header.key ?? '',
    created: place.createdPadded,
    networkNamespace: place.networkName,
    groupHash: header.group ?? null,
    topics: (header.topics ?? []).join(','),
    tag: header.tag ?? null,
    datahash: header.datahash ?? '',
    txparentType: null,
    txparentId: null,
    hash: message.hash ?? '',
    batch: null,
    tx: null,
    state: 'ready',
    confirmed: null,
    rejectReason: null,
    pins: null,
    idempotencyKey: message.idempotencyKey ?? null,
    dataRefs: JSON.stringify(message.data),
    size,
  }
}

/** A data row for an inline or uploaded value. */
export function draftData(
  place: Place,
  input: DataInput,
  blob?: { readonly hash: string; readonly size: number; readonly name?: string },
): Unplaced<DataRow> {
  const value = valueText(input.value)
  if (value === undefined && !blob) throw new NodeError('FF00109', {})
  const name = blob?.name ?? null
  const slash = name?.lastIndexOf('/') ?? -1
  return {
    namespace: place.namespace,
    id: place.uuid(),
    validator: input.validator ?? 'json',
    datatypeName: input.datatype?.name ?? null,
    datatypeVersion: input.datatype?.version ?? null,
    hash: hashData({ ...(value !== undefined && { value }), ...(blob && { blobHash: blob.hash }) }),
    created: place.createdPadded,
    value: value ?? null,
    public: null,
    blobHash: blob?.hash ?? null,
    blobPublic: null,
    blobName: name,
    blobPath:
      name && slash > 0 ? `${name.startsWith('/') ? '' : '/'}${name.slice(0, slash)}` : null,
    blobSize: blob?.size ?? null,
  }
}

/** Canonical text; a JSON null counts as no value. */
export function valueText(value: unknown): string | undefined {
  const text =
    value instanceof RawJson ? value.text : value === undefined ? undefined : JSON.stringify(value)
  return text === undefined || text === 'null' ? undefined : text
}
