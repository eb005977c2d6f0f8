import Type, { type Static } from 'typebox'
import { EventDelivery, SubscriptionRef } from './event.ts'
import { Time, Uuid } from './scalars.ts'
import { SubscriptionFilter, SubscriptionOptions } from './subscription.ts'

export const WebSocketStart = Type.Object({
  type: Type.Literal('start'),
  namespace: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  ephemeral: Type.Optional(Type.Boolean()),
  autoack: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  filter: Type.Optional(SubscriptionFilter),
  options: Type.Optional(SubscriptionOptions),
})
export type WebSocketStart = Static<typeof WebSocketStart>

export const WebSocketAck = Type.Object({
  type: Type.Literal('ack'),
  /** The event's or batch's id; without it the oldest in flight. */
  id: Type.Optional(Type.String()),
  subscription: Type.Optional(
    Type.Object({
      id: Type.Optional(Type.String()),
      namespace: Type.Optional(Type.String()),
      name: Type.Optional(Type.String()),
    }),
  ),
})
export type WebSocketAck = Static<typeof WebSocketAck>

export const WebSocketEventBatch = Type.Object({
  type: Type.Literal('event_batch'),
  id: Uuid,
  subscription: SubscriptionRef,
  events: Type.Array(EventDelivery),
})
export type WebSocketEventBatch = Static<typeof WebSocketEventBatch>

export const WebSocketProtocolError = Type.Object({
  type: Type.Literal('protocol_error'),
  error: Type.String(),
})
export type WebSocketProtocolError = Static<typeof WebSocketProtocolError>

export const WebSocketStatus = Type.Object({
  enabled: Type.Boolean(),
  connections: Type.Array(
    Type.Object({
      id: Type.String(),
      remoteAddress: Type.String(),
      userAgent: Type.String(),
      subscriptions: Type.Array(
        Type.Object({
          ephemeral: Type.Boolean(),
          namespace: Type.String(),
          name: Type.Optional(Type.String()),
          startTime: Type.Optional(Time),
          filter: Type.Optional(SubscriptionFilter),
        }),
      ),
    }),
  ),
})
export type WebSocketStatus = Static<typeof WebSocketStatus>
