import Type, { type Static } from 'typebox'
import { Hash, Time, Uuid } from './scalars.ts'

export const GroupMember = Type.Object({
  /** A DID. */
  identity: Type.String(),
  /** The id of a node identity. */
  node: Uuid,
})
export type GroupMember = Static<typeof GroupMember>

/** The hashed part of a group. */
export const GroupIdentity = Type.Object({
  /** The network's name for the namespace. */
  namespace: Type.String(),
  name: Type.String(),
  members: Type.Array(GroupMember),
})
export type GroupIdentity = Static<typeof GroupIdentity>

export const Group = Type.Object({
  ...GroupIdentity.properties,
  localNamespace: Type.Optional(Type.String()),
  message: Type.Optional(Uuid),
  hash: Hash,
  created: Type.Optional(Time),
})
export type Group = Static<typeof Group>
