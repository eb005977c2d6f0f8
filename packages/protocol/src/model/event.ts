import Type, { type Static } from 'typebox'
import { Datatype } from './data.ts'
import { Identity } from './identity.ts'
import { Message } from './message.ts'
import { BlockchainEvent, Operation, Transaction } from './operation.ts'
import { Process, ProcessDecision } from './process.ts'
import { Time, Uuid } from './scalars.ts'

const event = {
  id: Uuid,
  sequence: Type.Integer(),
  type: Type.String(),
  namespace: Type.String(),
  reference: Uuid,
  correlator: Type.Optional(Uuid),
  tx: Type.Optional(Uuid),
  topic: Type.Optional(Type.String()),
  created: Time,
}

export const Event = Type.Object(event)
export type Event = Static<typeof Event>

const enrichment = {
  blockchainEvent: Type.Optional(BlockchainEvent),
  datatype: Type.Optional(Datatype),
  identity: Type.Optional(Identity),
  message: Type.Optional(Message),
  transaction: Type.Optional(Transaction),
  operation: Type.Optional(Operation),
  decision: Type.Optional(ProcessDecision),
  process: Type.Optional(Process),
}

/** An event with the object it refers to. */
export const EnrichedEvent = Type.Object({ ...event, ...enrichment })
export type EnrichedEvent = Static<typeof EnrichedEvent>

export const SubscriptionRef = Type.Object({
  id: Uuid,
  namespace: Type.String(),
  name: Type.String(),
})
export type SubscriptionRef = Static<typeof SubscriptionRef>

/** An enriched event on its way to a subscriber. */
export const EventDelivery = Type.Object({
  ...event,
  ...enrichment,
  subscription: SubscriptionRef,
})
export type EventDelivery = Static<typeof EventDelivery>

export const ChartHistogram = Type.Object({
  /** Counts are text, as FireFly's clients read them. */
  count: Type.String(),
  timestamp: Time,
  isCapped: Type.Boolean(),
  types: Type.Array(Type.Object({ count: Type.String(), type: Type.String() })),
})
export type ChartHistogram = Static<typeof ChartHistogram>
