import Type, { type Static } from 'typebox'
import { operationStatuses, operationTypes, transactionTypes } from './enums.ts'
import { JsonObject, oneOf, Time, Uuid } from './scalars.ts'

export const Transaction = Type.Object({
  id: Uuid,
  namespace: Type.String(),
  type: oneOf(transactionTypes),
  created: Time,
  idempotencyKey: Type.Optional(Type.String()),
  blockchainIds: Type.Optional(Type.Array(Type.String())),
})
export type Transaction = Static<typeof Transaction>

export const TransactionStatus = Type.Object({
  status: Type.String(),
  details: Type.Array(
    Type.Object({
      type: Type.String(),
      subtype: Type.Optional(Type.String()),
      status: Type.String(),
      timestamp: Type.Optional(Time),
      id: Type.Optional(Uuid),
      error: Type.Optional(Type.String()),
      info: Type.Optional(JsonObject),
    }),
  ),
})
export type TransactionStatus = Static<typeof TransactionStatus>

export const Operation = Type.Object({
  id: Uuid,
  namespace: Type.String(),
  tx: Uuid,
  type: oneOf(operationTypes),
  status: oneOf(operationStatuses),
  plugin: Type.String(),
  input: Type.Optional(JsonObject),
  output: Type.Optional(JsonObject),
  error: Type.Optional(Type.String()),
  created: Time,
  updated: Time,
  /** The operation that replaced this one. */
  retry: Type.Optional(Uuid),
  /** The connector's own view, when asked for. */
  detail: Type.Optional(JsonObject),
})
export type Operation = Static<typeof Operation>

export const BlockchainEvent = Type.Object({
  id: Uuid,
  source: Type.Optional(Type.String()),
  namespace: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  listener: Type.Optional(Uuid),
  protocolId: Type.Optional(Type.String()),
  output: Type.Optional(JsonObject),
  info: Type.Optional(JsonObject),
  timestamp: Type.Optional(Time),
  tx: Type.Object({
    type: Type.Optional(Type.String()),
    id: Type.Optional(Uuid),
    blockchainId: Type.Optional(Type.String()),
  }),
})
export type BlockchainEvent = Static<typeof BlockchainEvent>
