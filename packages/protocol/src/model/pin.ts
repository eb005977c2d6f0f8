import Type, { type Static } from 'typebox'
import { Hash, Time, Uuid } from './scalars.ts'

export const Pin = Type.Object({
  sequence: Type.Integer(),
  namespace: Type.String(),
  masked: Type.Optional(Type.Boolean()),
  hash: Hash,
  batch: Uuid,
  batchHash: Hash,
  index: Type.Integer(),
  dispatched: Type.Optional(Type.Boolean()),
  signer: Type.Optional(Type.String()),
  created: Type.Optional(Time),
})
export type Pin = Static<typeof Pin>

/** The next private pin expected of one member on one context. */
export const NextPin = Type.Object({
  namespace: Type.String(),
  context: Hash,
  identity: Type.String(),
  hash: Hash,
  nonce: Type.Integer(),
})
export type NextPin = Static<typeof NextPin>

export const PinRewind = Type.Object({
  sequence: Type.Optional(Type.Integer()),
  batch: Type.Optional(Type.String()),
})
export type PinRewind = Static<typeof PinRewind>
