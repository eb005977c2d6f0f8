import Type, { type Static } from 'typebox'
import { BlobRef, DataRef, DatatypeRef } from './data.ts'
import { batchTypes } from './enums.ts'
import { Group } from './group.ts'
import { MessageHeader, TransactionRef } from './message.ts'
import { Hash, oneOf, Time, UserJson, Uuid } from './scalars.ts'

const header = {
  id: Uuid,
  type: oneOf(batchTypes),
  /** On the wire the network's name, in the API the local one. */
  namespace: Type.String(),
  node: Type.Optional(Uuid),
  group: Type.Optional(Hash),
  created: Time,
  author: Type.String(),
  key: Type.String(),
}

/** A batch as the node keeps it. */
export const Batch = Type.Object({
  ...header,
  hash: Hash,
  manifest: Type.Optional(UserJson),
  tx: TransactionRef,
  confirmed: Type.Optional(Time),
})
export type Batch = Static<typeof Batch>

/** The part of a message that travels. */
export const BatchMessage = Type.Object({
  header: MessageHeader,
  hash: Hash,
  txid: Type.Optional(Uuid),
  data: Type.Array(DataRef),
  pins: Type.Optional(Type.Array(Type.String())),
})
export type BatchMessage = Static<typeof BatchMessage>

/** The part of a data item that travels. */
export const BatchData = Type.Object({
  id: Uuid,
  validator: Type.String(),
  hash: Hash,
  created: Time,
  datatype: Type.Optional(DatatypeRef),
  value: Type.Optional(UserJson),
  blob: Type.Optional(BlobRef),
})
export type BatchData = Static<typeof BatchData>

/** A batch in flight: what a member receives. */
export const BatchPayload = Type.Object({
  ...header,
  hash: Hash,
  payload: Type.Object({
    tx: TransactionRef,
    messages: Type.Array(BatchMessage),
    data: Type.Array(BatchData),
  }),
})
export type BatchPayload = Static<typeof BatchPayload>

/** A private batch in flight; an unpinned one brings its group along. */
export const TransportWrapper = Type.Object({
  group: Type.Optional(Group),
  batch: BatchPayload,
})
export type TransportWrapper = Static<typeof TransportWrapper>

/** What the batch hash covers, in order. */
export const Manifest = Type.Object({
  version: Type.Literal(1),
  id: Uuid,
  tx: TransactionRef,
  messages: Type.Array(Type.Object({ id: Uuid, hash: Hash, topics: Type.Integer() })),
  data: Type.Array(DataRef),
})
export type Manifest = Static<typeof Manifest>
