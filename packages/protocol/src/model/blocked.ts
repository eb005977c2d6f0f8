import Type, { type Static } from 'typebox'
import { Hash, Time, Uuid } from './scalars.ts'

export const blockKinds = [
  'missing_payload',
  'missing_blob',
  'invalid_payload',
  'unknown_author',
  'unregistered_signer',
  'missing_claim',
  'missing_group',
  'missing_transfer',
  'waiting_parent',
  'out_of_order',
  'failed_operation',
  'failed_settling',
  'silent_chain',
  'paused_subscription',
  'waiting_process',
  'parked_process',
  'halted_process',
  'stuck_work',
  'unreachable_system',
] as const
export type BlockKind = (typeof blockKinds)[number]

export const blockActions = [
  'request_payload',
  'rewind',
  'retry_operation',
  'cancel_batch',
  'skip',
  'resume',
] as const
export type BlockAction = (typeof blockActions)[number]

/** A topic that waits: for what, since when, and what may safely be done. */
export const BlockedTopic = Type.Object({
  topic: Type.String(),
  /** What is pinned for it: the topic's hash, or the private context. */
  context: Type.String(),
  group: Type.Optional(Hash),
  since: Time,
  /** Messages behind it. */
  waiting: Type.Integer(),
  blockedBy: Type.Object({
    kind: Type.Enum([...blockKinds]),
    batch: Type.Optional(Uuid),
    message: Type.Optional(Uuid),
    pin: Type.Optional(Type.Object({ sequence: Type.Integer(), protocolId: Type.String() })),
    author: Type.Optional(Type.String()),
    signer: Type.Optional(Type.String()),
    /** Who should have what is missing. */
    holder: Type.Optional(Type.String()),
    operation: Type.Optional(Uuid),
    subscription: Type.Optional(Uuid),
    process: Type.Optional(Uuid),
    detail: Type.String(),
  }),
  actions: Type.Array(Type.Enum([...blockActions])),
})
export type BlockedTopic = Static<typeof BlockedTopic>
