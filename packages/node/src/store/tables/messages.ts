import { type Message, type MessageHeader, padTime, trimTime } from '@concordat/protocol'
import type { Kysely } from 'kysely'
import { inNamespace, type List, readPage } from '../collections.ts'
import { type FilterFields, hash, integer, list, text, time, uuid } from '../filter-fields.ts'
import { joinList, splitList } from '../lists.ts'
import type { MessageRow, Tables } from '../schema.ts'

export const messageFields = {
  id: uuid('id'),
  cid: uuid('cid'),
  type: text('type'),
  author: text('author'),
  key: text('key'),
  topics: list('topics'),
  tag: text('tag'),
  group: hash('groupHash'),
  created: time('created'),
  datahash: hash('datahash'),
  idempotencykey: text('idempotencyKey'),
  hash: hash('hash'),
  pins: list('pins'),
  state: text('state'),
  confirmed: time('confirmed'),
  rejectreason: text('rejectReason'),
  sequence: integer('seq'),
  txtype: text('txtype'),
  batch: uuid('batch'),
  txid: uuid('tx'),
  'txparent.type': text('txparentType'),
  'txparent.id': text('txparentId'),
} satisfies FilterFields

export function rowToMessage(row: MessageRow): Message {
  return {
    header: rowToHeader(row),
    localNamespace: row.namespace,
    hash: row.hash,
    ...(row.batch !== null && { batch: row.batch }),
    ...(row.tx !== null && { txid: row.tx }),
    state: row.state,
    ...(row.confirmed !== null && { confirmed: trimTime(row.confirmed) }),
    ...(row.rejectReason !== null && { rejectReason: row.rejectReason }),
    data: JSON.parse(row.dataRefs),
    ...(row.pins !== null && { pins: splitList(row.pins) }),
    ...(row.idempotencyKey !== null && { idempotencyKey: row.idempotencyKey }),
  }
}

function rowToHeader(row: MessageRow): MessageHeader {
  return {
    id: row.id,
    ...(row.cid !== null && { cid: row.cid }),
    type: row.type,
    ...(row.txtype !== null && { txtype: row.txtype }),
    author: row.author,
    key: row.key,
    created: trimTime(row.created),
    namespace: row.networkNamespace,
    ...(row.groupHash !== null && { group: row.groupHash }),
    topics: splitList(row.topics),
    ...(row.tag !== null && { tag: row.tag }),
    datahash: row.datahash,
    ...(row.txparentType !== null && {
      txparent: {
        type: row.txparentType,
        ...(row.txparentId !== null && { id: row.txparentId }),
      },
    }),
  }
}

/** What a message does not say of itself. */
export interface MessagePlace {
  readonly seq: number
  /** Local name. */
  readonly namespace: string
  /** Estimated bytes in a batch. */
  readonly size: number
}

/** A message without a state is one that is ready to be sent. */
export function messageToRow(message: Message, { seq, namespace, size }: MessagePlace): MessageRow {
  const { header } = message
  return {
    seq,
    namespace,
    id: header.id,
    type: header.type,
    txtype: header.txtype ?? null,
    cid: header.cid ?? null,
    author: header.author,
    key: header.key,
    created: padTime(header.created),
    networkNamespace: header.namespace,
    groupHash: header.group ?? null,
    topics: joinList(header.topics),
    tag: header.tag ?? null,
    datahash: header.datahash,
    txparentType: header.txparent?.type ?? null,
    txparentId: header.txparent?.id ?? null,
    hash: message.hash,
    batch: message.batch ?? null,
    tx: message.txid ?? null,
    state: message.state ?? 'ready',
    confirmed: message.confirmed === undefined ? null : padTime(message.confirmed),
    rejectReason: message.rejectReason ?? null,
    pins: message.pins === undefined ? null : joinList(message.pins),
    idempotencyKey: message.idempotencyKey ?? null,
    dataRefs: JSON.stringify(
      message.data.map(({ id, hash: dataHash }) => ({ id, hash: dataHash })),
    ),
    size,
  }
}

export const listMessages: List<'messages', Message> = (db, namespace, filter, also) =>
  readPage(
    db
      .selectFrom('messages')
      .selectAll()
      .where((eb) => inNamespace(eb, namespace, filter, also)),
    filter,
    rowToMessage,
  )

export async function getMessage(
  db: Kysely<Tables>,
  namespace: string,
  id: string,
): Promise<Message | undefined> {
  const row = await db
    .selectFrom('messages')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && rowToMessage(row)
}
