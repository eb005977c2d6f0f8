import { sha256Hex } from '#sha256'
import { NodeError } from '../errors/node-error.ts'
import { hexToBytes, isHash } from '../hash/hex.ts'

const encoder = new TextEncoder()

/** What is pinned for a broadcast topic. */
export const broadcastContext = (topic: string): string => sha256Hex(topic)

/** The private context of a topic and a group; never on chain. */
export const privateContext = (topic: string, group: string): string =>
  sha256Hex(preimage(topic, group, '', 0))

/** Under which a sender counts its messages on a private context. */
export const nonceKey = (topic: string, group: string, author: string): string =>
  sha256Hex(preimage(topic, group, author, 0))

/** What is pinned for an author's nth (from 0) private message on a topic of a group. */
export function maskedPin(topic: string, group: string, author: string, nonce: number): string {
  const bytes = preimage(topic, group, author, 8)
  new DataView(bytes.buffer).setBigUint64(bytes.length - 8, BigInt(nonce))
  return sha256Hex(bytes)
}

function preimage(
  topic: string,
  group: string,
  author: string,
  extra: number,
): Uint8Array<ArrayBuffer> {
  const first = encoder.encode(topic)
  const middle = hexToBytes(group)
  if (middle?.length !== 32) throw new NodeError('FF00139', { input: group })
  const last = encoder.encode(author)
  const bytes = new Uint8Array(first.length + 32 + last.length + extra)
  bytes.set(first)
  bytes.set(middle, first.length)
  bytes.set(last, first.length + 32)
  return bytes
}

/** A pin as its message carries it: with the nonce, in 16 digits. */
export const formatPin = (hash: string, nonce: number): string =>
  `${hash}:${String(nonce).padStart(16, '0')}`

/** A pin that a message carries; the nonce may be missing. Undefined if it is none. */
export function parsePin(
  text: string,
): { readonly hash: string; readonly nonce?: number } | undefined {
  const [hash = '', digits] = text.split(':')
  if (!isHash(hash)) return undefined
  return digits !== undefined && /^\d+$/.test(digits) ? { hash, nonce: Number(digits) } : { hash }
}

/** The topic on which everything about one identity is ordered. */
export const identityTopic = (did: string): string => sha256Hex(did)

/** The topic on which definitions of one type and (network) name are ordered. Broadcasts leave the namespace blank. */
export const definitionTopic = (type: string, name: string, namespace = ''): string =>
  sha256Hex(type + namespace + name)

export const datatypeTopic = (name: string): string => definitionTopic('datatype', name)
