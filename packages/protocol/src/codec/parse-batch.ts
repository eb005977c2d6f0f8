import { NodeError } from '../errors/node-error.ts'
import { parseJson } from '../json/parse.ts'
import { type RawPaths, rawPaths } from '../json/raw-paths.ts'
import type { BatchData, BatchMessage, BatchPayload, TransportWrapper } from '../model/batch.ts'
import type { BlobRef, DataRef, DatatypeRef } from '../model/data.ts'
import type { Group, GroupMember } from '../model/group.ts'
import type { MessageHeader, TransactionRef } from '../model/message.ts'
import { Fields } from './fields.ts'

/** As deep as any member's JSON can be, so that what one can read all can. */
const WIRE_DEPTH = 10_000

const batchPaths = rawPaths('payload.data.*.value')
const wrapperPaths = rawPaths('batch.payload.data.*.value')

export interface ParseLimits {
  readonly maxBytes: number
  /** Containers inside containers; 10,000 unless told otherwise. */
  readonly maxDepth?: number
}

/**
 * Reads a batch as it comes from shared storage. Only its structure is checked (see `verifyBatch`).
 * Throws FF10103 or CC20701.
 */
export const parseBatchPayload = (bytes: Uint8Array, limits: ParseLimits): BatchPayload =>
  readBatch(new Fields(parse(bytes, limits, batchPaths), ''))

/** Reads what a member sends: a batch, and for unpinned ones its group. Throws FF10103 or CC20701. */
export function parseTransportWrapper(bytes: Uint8Array, limits: ParseLimits): TransportWrapper {
  const wrapper = new Fields(parse(bytes, limits, wrapperPaths), '')
  const batch = wrapper.object('batch')
  if (batch === undefined) throw new NodeError('CC20701', { reason: 'batch is missing' })
  const group = wrapper.object('group')
  return {
    batch: readBatch(batch),
    ...(group !== undefined && { group: readGroup(group) }),
  }
}

function parse(bytes: Uint8Array, limits: ParseLimits, raw: RawPaths): unknown {
  const { maxBytes, maxDepth = WIRE_DEPTH } = limits
  if (bytes.length > maxBytes) {
    throw new NodeError('CC20701', {
      reason: `${bytes.length} bytes, where ${maxBytes} are allowed`,
    })
  }
  return parseJson(bytes, { maxDepth, raw })
}

function readBatch(fields: Fields): BatchPayload {
  const payload = fields.object('payload')
  if (payload === undefined) throw new NodeError('CC20701', { reason: 'payload is missing' })
  const node = fields.uuid('node')
  const group = fields.hash('group')
  return {
    id: fields.required('id', fields.uuid('id')),
    type: fields.choice('type'),
    namespace: fields.text('namespace'),
    ...(node !== '' && { node }),
    ...(group !== '' && { group }),
    created: fields.time('created'),
    author: fields.text('author'),
    key: fields.text('key'),
    hash: fields.required('hash', fields.hash('hash')),
    payload: {
      tx: readTransaction(payload.object('tx')),
      messages: payload.objects('messages').map(readMessage),
      data: payload.objects('data').map(readData),
    },
  }
}

function readTransaction(fields: Fields | undefined): TransactionRef {
  if (fields === undefined) return { type: '' }
  const type = fields.choice('type')
  const id = fields.uuid('id')
  return id === '' ? { type } : { type, id }
}

function readMessage(fields: Fields): BatchMessage {
  const header = fields.object('header')
  if (header === undefined) throw new NodeError('CC20701', { reason: 'a message has no header' })
  const message: BatchMessage = {
    header: readHeader(header),
    hash: fields.hash('hash'),
    data: fields.objects('data').map(readDataRef),
  }
  const txid = fields.uuid('txid')
  if (txid !== '') message.txid = txid
  const pins = fields.texts('pins')
  if (pins.length > 0) message.pins = pins
  return message
}

function readHeader(fields: Fields): MessageHeader {
  const header: MessageHeader = {
    id: fields.required('id', fields.uuid('id')),
    type: fields.choice('type'),
    author: fields.text('author'),
    key: fields.text('key'),
    created: fields.time('created'),
    namespace: fields.text('namespace'),
    topics: fields.texts('topics'),
    datahash: fields.hash('datahash'),
  }
  const cid = fields.uuid('cid')
  if (cid !== '') header.cid = cid
  const txtype = fields.choice('txtype')
  if (txtype !== '') header.txtype = txtype
  const group = fields.hash('group')
  if (group !== '') header.group = group
  const tag = fields.text('tag')
  if (tag !== '') header.tag = tag
  const txparent = fields.object('txparent')
  if (txparent !== undefined) header.txparent = readTransaction(txparent)
  return header
}

const readDataRef = (fields: Fields): DataRef => ({
  id: fields.uuid('id'),
  hash: fields.hash('hash'),
})

function readData(fields: Fields): BatchData {
  const data: BatchData = {
    id: fields.required('id', fields.uuid('id')),
    validator: fields.choice('validator'),
    hash: fields.hash('hash'),
    created: fields.time('created'),
  }
  const datatype = fields.object('datatype')
  if (datatype !== undefined) data.datatype = readDatatypeRef(datatype)
  const value = fields.raw('value')
  if (value !== undefined) data.value = value
  const blob = fields.object('blob')
  if (blob !== undefined) data.blob = readBlob(blob)
  return data
}

function readDatatypeRef(fields: Fields): DatatypeRef {
  const name = fields.text('name')
  const version = fields.text('version')
  return { ...(name !== '' && { name }), ...(version !== '' && { version }) }
}

function readBlob(fields: Fields): BlobRef {
  const path = fields.text('path')
  const reference = fields.text('public')
  return {
    hash: fields.hash('hash'),
    size: fields.integer('size'),
    name: fields.text('name'),
    ...(path !== '' && { path }),
    ...(reference !== '' && { public: reference }),
  }
}

function readGroup(fields: Fields): Group {
  const message = fields.uuid('message')
  const created = fields.time('created')
  return {
    namespace: fields.text('namespace'),
    name: fields.text('name'),
    members: fields.objects('members').map(readMember),
    hash: fields.required('hash', fields.hash('hash')),
    ...(message !== '' && { message }),
    ...(created !== '' && { created }),
  }
}

const readMember = (fields: Fields): GroupMember => ({
  identity: fields.text('identity'),
  node: fields.uuid('node'),
})

/** Reads a group as the value of a group-init message holds it. Throws CC20701. */
export const parseGroup = (value: unknown): Group => readGroup(new Fields(value, ''))
