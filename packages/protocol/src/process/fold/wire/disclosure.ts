import { sha256 } from '#sha256'
import { canonicalJson } from '../../values/canonical.ts'
import type { Json } from '../../values/value.ts'
import { decodeBase64Url, encodeBase64Url } from './base64url.ts'
import { parseValue } from './json.ts'

/** One member of a step's input as RFC 9901 discloses it. */
export interface Disclosure {
  /** As it was sent: the digest covers these characters, whatever white space they encode. */
  readonly text: string
  readonly digest: string
  readonly salt: string
  readonly name: string
  readonly value: Json
}

const SALT = /^[\w-]{22,64}$/
const DIGEST = /^[\w-]{43}$/
/** Names that RFC 9901 keeps for itself. */
const RESERVED = new Set(['_sd', '...'])

const encoder = new TextEncoder()

/** A new disclosure. `salt` has at least 128 random bits, as base64url. */
export function makeDisclosure(salt: string, name: string, value: Json): Disclosure {
  const text = encodeBase64Url(encoder.encode(canonicalJson([salt, name, value])))
  return { text, digest: digestOf(text), salt, name, value }
}

/** A disclosure as it was sent; undefined if it is none. */
export function readDisclosure(text: string): Disclosure | undefined {
  const bytes = decodeBase64Url(text)
  if (bytes === undefined) return undefined
  const parts = parseValue(bytes)
  if (!Array.isArray(parts) || parts.length !== 3) return undefined
  const [salt, name, value]: readonly (Json | undefined)[] = parts
  if (typeof salt !== 'string' || !SALT.test(salt) || typeof name !== 'string') return undefined
  if (value === undefined || RESERVED.has(name)) return undefined
  return { text, digest: digestOf(text), salt, name, value }
}

/** Of a disclosure's text: SHA-256 in base64url. */
export const digestOf = (text: string): string => encodeBase64Url(sha256(text))

export const isDigest = (text: Json): text is string =>
  typeof text === 'string' && DIGEST.test(text)

export const isSalt = (text: Json | undefined): text is string =>
  typeof text === 'string' && SALT.test(text)
