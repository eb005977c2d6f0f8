import Type, { type Static } from 'typebox'
import { validatorTypes } from './enums.ts'
import { Hash, oneOf, Time, UserJson, Uuid } from './scalars.ts'

export const DataRef = Type.Object({ id: Uuid, hash: Hash })
export type DataRef = Static<typeof DataRef>

export const DatatypeRef = Type.Object({
  name: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
})
export type DatatypeRef = Static<typeof DatatypeRef>

export const BlobRef = Type.Object({
  hash: Hash,
  size: Type.Integer(),
  name: Type.String(),
  path: Type.Optional(Type.String()),
  /** Its reference in shared storage, once published. */
  public: Type.Optional(Type.String()),
})
export type BlobRef = Static<typeof BlobRef>

export const Data = Type.Object({
  id: Uuid,
  validator: Type.String(),
  namespace: Type.Optional(Type.String()),
  hash: Hash,
  created: Time,
  datatype: Type.Optional(DatatypeRef),
  value: Type.Optional(UserJson),
  public: Type.Optional(Type.String()),
  blob: Type.Optional(BlobRef),
})
export type Data = Static<typeof Data>

/** Data as a caller gives it: new (value or blob), or by reference (id, and hash if it is to be checked). */
export const DataInput = Type.Object({
  id: Type.Optional(Type.String()),
  hash: Type.Optional(Type.String()),
  validator: Type.Optional(Type.String()),
  datatype: Type.Optional(DatatypeRef),
  value: Type.Optional(UserJson),
  blob: Type.Optional(Type.Object({ hash: Type.Optional(Type.String()) })),
})
export type DataInput = Static<typeof DataInput>

export const Datatype = Type.Object({
  id: Uuid,
  message: Type.Optional(Uuid),
  validator: oneOf(validatorTypes),
  namespace: Type.Optional(Type.String()),
  name: Type.String(),
  version: Type.String(),
  hash: Hash,
  created: Time,
  value: Type.Optional(UserJson),
})
export type Datatype = Static<typeof Datatype>

export const DatatypeInput = Type.Object({
  name: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
  validator: Type.Optional(Type.String()),
  value: Type.Optional(UserJson),
})
export type DatatypeInput = Static<typeof DatatypeInput>
