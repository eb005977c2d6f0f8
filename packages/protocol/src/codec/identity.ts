import { sha256Hex } from '#sha256'
import { sortedJson, stringifyGo } from '../json/stringify.ts'
import type {
  IdentityBase,
  IdentityClaim,
  IdentityUpdate,
  IdentityUpdateInput,
  IdentityVerification,
} from '../model/identity.ts'
import { optional } from './members.ts'

/** A claim as it is broadcast: no namespace, no messages, no times. */
export const identityClaimJson = ({ identity }: IdentityClaim): string =>
  `{"identity":{${baseMembers({ ...identity, namespace: '' })}${profileMembers(identity)}` +
  `,"messages":{"claim":null,"verification":null,"update":null}}}`

/** A parent's word for a claim, as it is broadcast: no namespace. */
export const identityVerificationJson = ({ claim, identity }: IdentityVerification): string =>
  `{"claim":{"id":${stringifyGo(claim.id)},"hash":${stringifyGo(claim.hash)}}` +
  `,"identity":{${baseMembers({ ...identity, namespace: '' })}}}`

/** An update as it is broadcast: it replaces description and profile. */
export const identityUpdateJson = ({ identity, updates }: IdentityUpdate): string =>
  `{"identity":{${baseMembers(identity)}},"updates":{${profileMembers(updates).slice(1)}}}`

function baseMembers({ id, did, type, parent, namespace, name }: IdentityBase): string {
  let text = `"id":${stringifyGo(id)},"did":${stringifyGo(did)},"type":${stringifyGo(type)}`
  text += `${optional('parent', parent)},"namespace":${stringifyGo(namespace)}`
  return text + optional('name', name)
}

function profileMembers({ description, profile }: IdentityUpdateInput): string {
  const empty = profile === undefined || Object.keys(profile).length === 0
  return optional('description', description) + (empty ? '' : `,"profile":${sortedJson(profile)}`)
}

/** The hash of a key of an identity, in one namespace (by its local name). */
export const verifierHash = (namespace: string, type: string, value: string): string =>
  sha256Hex(namespace + type + value)

export const DID_PREFIX = 'did:firefly:'
export const orgDid = (name: string): string => `${DID_PREFIX}org/${name}`
export const nodeDid = (name: string): string => `${DID_PREFIX}node/${name}`
export const customDid = (name: string): string => `${DID_PREFIX}${name}`

/** The DID that an identity of this type and name must have. */
export function didForIdentity(type: string, name: string): string {
  if (type === 'org') return orgDid(name)
  return type === 'node' ? nodeDid(name) : customDid(name)
}
