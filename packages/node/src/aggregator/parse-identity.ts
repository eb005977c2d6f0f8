import {
  IdentityClaim,
  IdentityUpdate,
  IdentityVerification,
  MAX_DESCRIPTION_LENGTH,
  NodeError,
  parseJson,
  validateNameNotUuid,
} from '@concordat/protocol'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'

/** The claim a definition message carries. Throws FF10400 or FF10403. */
export function parseIdentityClaim(text: string, message: string): IdentityClaim {
  const claim = parse(IdentityClaim, text, message)
  validateNameNotUuid(claim.identity.name, 'name')
  if ((claim.identity.description ?? '').length > MAX_DESCRIPTION_LENGTH)
    throw new NodeError('FF10403', { message, reason: 'its description is too long' })
  return claim
}

export const parseIdentityVerification = (text: string, message: string): IdentityVerification =>
  parse(IdentityVerification, text, message)

export const parseIdentityUpdate = (text: string, message: string): IdentityUpdate =>
  parse(IdentityUpdate, text, message)

function parse<S extends TSchema>(schema: S, text: string, message: string): Static<S> {
  // Not every database keeps it in text.
  if (text.includes('\\u0000'))
    throw new NodeError('FF10400', { message, reason: 'it holds U+0000' })
  const value = withoutNulls(parseJson(text))
  if (Value.Check(schema, value)) return value
  const [first] = Value.Errors(schema, value)
  throw new NodeError('FF10400', {
    message,
    reason: first ? `${first.instancePath} ${first.message}` : 'it has another shape',
  })
}

/** FireFly writes an absent field as null in places; the identity's list of messages is null throughout. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (key === 'messages') return [[key, { claim: null, verification: null, update: null }]]
      if (key === 'profile') return item === null ? [] : [[key, item]]
      return item === null ? [] : [[key, withoutNulls(item)]]
    }),
  )
}
