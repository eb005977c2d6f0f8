import Type, { type Static } from 'typebox'
import { identityTypes, verifierTypes } from './enums.ts'
import { Hash, oneOf, Profile, Time, Uuid } from './scalars.ts'

const base = {
  id: Uuid,
  did: Type.String(),
  type: oneOf(identityTypes),
  parent: Type.Optional(Uuid),
  /** Blank in claims. */
  namespace: Type.String(),
  name: Type.String(),
}
const profile = {
  description: Type.Optional(Type.String()),
  profile: Type.Optional(Profile),
}

export const IdentityBase = Type.Object(base)
export type IdentityBase = Static<typeof IdentityBase>

export const VerifierRef = Type.Object({ type: oneOf(verifierTypes), value: Type.String() })
export type VerifierRef = Static<typeof VerifierRef>

const OptionalMessage = Type.Union([Uuid, Type.Null()])

export const Identity = Type.Object({
  ...base,
  ...profile,
  messages: Type.Object({
    claim: OptionalMessage,
    verification: OptionalMessage,
    update: OptionalMessage,
  }),
  created: Type.Optional(Time),
  updated: Type.Optional(Time),
  verifiers: Type.Optional(Type.Array(VerifierRef)),
})
export type Identity = Static<typeof Identity>

export const IdentityInput = Type.Object({
  name: Type.String(),
  type: Type.Optional(Type.String()),
  /** The parent's id or DID. */
  parent: Type.Optional(Type.String()),
  key: Type.Optional(Type.String()),
  ...profile,
})
export type IdentityInput = Static<typeof IdentityInput>

export const IdentityUpdateInput = Type.Object(profile)
export type IdentityUpdateInput = Static<typeof IdentityUpdateInput>

export const IdentityClaim = Type.Object({ identity: Identity })
export type IdentityClaim = Static<typeof IdentityClaim>

export const IdentityVerification = Type.Object({
  claim: Type.Object({ id: Uuid, hash: Hash }),
  identity: IdentityBase,
})
export type IdentityVerification = Static<typeof IdentityVerification>

export const IdentityUpdate = Type.Object({
  identity: IdentityBase,
  updates: Type.Object(profile),
})
export type IdentityUpdate = Static<typeof IdentityUpdate>

export const Verifier = Type.Object({
  hash: Hash,
  identity: Type.Optional(Uuid),
  namespace: Type.Optional(Type.String()),
  type: oneOf(verifierTypes),
  value: Type.String(),
  created: Type.Optional(Time),
})
export type Verifier = Static<typeof Verifier>

export const DidDocument = Type.Object({
  '@context': Type.Array(Type.String()),
  id: Type.String(),
  authentication: Type.Array(Type.String()),
  verificationMethod: Type.Array(
    Type.Object({
      id: Type.String(),
      type: Type.String(),
      controller: Type.String(),
      /** Spelled as FireFly's clients know it. */
      blockchainAcountId: Type.Optional(Type.String()),
      mspIdentityString: Type.Optional(Type.String()),
      dataExchangePeerID: Type.Optional(Type.String()),
    }),
  ),
})
export type DidDocument = Static<typeof DidDocument>
