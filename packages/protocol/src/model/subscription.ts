import Type, { type Static } from 'typebox'
import { Duration, Time, Uuid } from './scalars.ts'

const text = Type.Optional(Type.String())
const flag = Type.Optional(Type.Boolean())
const duration = Type.Optional(Duration)
const count = Type.Optional(Type.Integer({ minimum: 0 }))
const texts = Type.Optional(Type.Record(Type.String(), Type.String()))

/** Patterns (RE2 syntax, unanchored); an event passes when all match. */
export const SubscriptionFilter = Type.Object({
  events: text,
  topic: text,
  message: Type.Optional(Type.Object({ tag: text, group: text, author: text })),
  blockchainevent: Type.Optional(Type.Object({ name: text, listener: text })),
  transaction: Type.Optional(Type.Object({ type: text })),
  /** Deprecated forms of the above. */
  topics: text,
  tag: text,
  group: text,
  author: text,
})
export type SubscriptionFilter = Static<typeof SubscriptionFilter>

export const SubscriptionOptions = Type.Object({
  /** `oldest`, `newest`, or a sequence after which to begin. */
  firstEvent: text,
  readAhead: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  withData: flag,
  batch: flag,
  batchTimeout: duration,
  /** When the position moves on: after a 2xx answer, after any try, or before the call. */
  confirmationMode: Type.Optional(
    Type.Union([Type.Literal('assured'), Type.Literal('besteffort'), Type.Literal('fastack')]),
  ),
  fastack: flag,
  url: text,
  method: text,
  json: flag,
  reply: flag,
  replytag: text,
  replytx: text,
  headers: texts,
  query: texts,
  tlsConfigName: text,
  /** Signs each call: `whsec_` and base64. Never shown again. */
  secret: text,
  input: Type.Optional(
    Type.Object({ query: text, headers: text, body: text, path: text, replytx: text }),
  ),
  retry: Type.Optional(
    Type.Object({ enabled: flag, count, initialDelay: duration, maxDelay: duration }),
  ),
  httpOptions: Type.Optional(
    Type.Object({
      proxyURL: text,
      tlsHandshakeTimeout: duration,
      requestTimeout: duration,
      maxIdleConns: count,
      idleTimeout: duration,
      connectionTimeout: duration,
      expectContinueTimeout: duration,
    }),
  ),
})
export type SubscriptionOptions = Static<typeof SubscriptionOptions>

export const SubscriptionInput = Type.Object({
  namespace: text,
  name: text,
  transport: text,
  filter: Type.Optional(SubscriptionFilter),
  options: Type.Optional(SubscriptionOptions),
})
export type SubscriptionInput = Static<typeof SubscriptionInput>

export const Subscription = Type.Object({
  id: Uuid,
  namespace: Type.String(),
  name: Type.String(),
  transport: Type.String(),
  filter: SubscriptionFilter,
  options: SubscriptionOptions,
  ephemeral: flag,
  created: Time,
  updated: Type.Optional(Time),
})
export type Subscription = Static<typeof Subscription>
