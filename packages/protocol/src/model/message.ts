import Type, { type Static } from 'typebox'
import { BlobRef, DataInput, DataRef, DatatypeRef } from './data.ts'
import { messageStates, messageTypes, transactionTypes } from './enums.ts'
import { Hash, oneOf, Time, UserJson, Uuid } from './scalars.ts'

export const TransactionRef = Type.Object({
  type: Type.String(),
  id: Type.Optional(Uuid),
})
export type TransactionRef = Static<typeof TransactionRef>

/** The hashed part of a message. An empty text or list is one that is absent on the wire. */
export const MessageHeader = Type.Object({
  id: Uuid,
  cid: Type.Optional(Uuid),
  type: oneOf(messageTypes),
  txtype: Type.Optional(oneOf(transactionTypes)),
  author: Type.String(),
  key: Type.String(),
  created: Time,
  /** The network's name for the namespace. */
  namespace: Type.String(),
  group: Type.Optional(Hash),
  topics: Type.Array(Type.String()),
  tag: Type.Optional(Type.String()),
  datahash: Hash,
  txparent: Type.Optional(TransactionRef),
})
export type MessageHeader = Static<typeof MessageHeader>

const envelope = {
  header: MessageHeader,
  localNamespace: Type.Optional(Type.String()),
  hash: Hash,
  batch: Type.Optional(Uuid),
  txid: Type.Optional(Uuid),
  state: Type.Optional(oneOf(messageStates)),
  confirmed: Type.Optional(Time),
  rejectReason: Type.Optional(Type.String()),
  pins: Type.Optional(Type.Array(Type.String())),
  idempotencyKey: Type.Optional(Type.String()),
}

export const Message = Type.Object({ ...envelope, data: Type.Array(DataRef) })
export type Message = Static<typeof Message>

export const GroupInput = Type.Object({
  name: Type.Optional(Type.String()),
  members: Type.Optional(
    Type.Array(
      Type.Object({
        identity: Type.Optional(Type.String()),
        node: Type.Optional(Type.String()),
      }),
    ),
  ),
})
export type GroupInput = Static<typeof GroupInput>

/** A message as a caller gives it; unknown fields are ignored. */
export const MessageInput = Type.Object({
  header: Type.Optional(
    Type.Object({
      cid: Type.Optional(Type.String()),
      type: Type.Optional(Type.String()),
      txtype: Type.Optional(Type.String()),
      author: Type.Optional(Type.String()),
      key: Type.Optional(Type.String()),
      group: Type.Optional(Type.String()),
      topics: Type.Optional(Type.Array(Type.String())),
      tag: Type.Optional(Type.String()),
      txparent: Type.Optional(
        Type.Object({ type: Type.String(), id: Type.Optional(Type.String()) }),
      ),
    }),
  ),
  data: Type.Optional(Type.Array(DataInput)),
  group: Type.Optional(GroupInput),
  idempotencyKey: Type.Optional(Type.String()),
})
export type MessageInput = Static<typeof MessageInput>

/** A message with its data inline. */
export const MessageInOut = Type.Object({
  ...envelope,
  data: Type.Array(
    Type.Object({
      id: Uuid,
      hash: Hash,
      validator: Type.Optional(Type.String()),
      datatype: Type.Optional(DatatypeRef),
      value: Type.Optional(UserJson),
      blob: Type.Optional(BlobRef),
    }),
  ),
  group: Type.Optional(GroupInput),
})
export type MessageInOut = Static<typeof MessageInOut>
