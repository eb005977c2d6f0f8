import { sha256 as digest } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

const encoder = new TextEncoder()

export const sha256 = (data: string | Uint8Array): Uint8Array =>
  digest(typeof data === 'string' ? encoder.encode(data) : data)

export const sha256Hex = (data: string | Uint8Array): string => bytesToHex(sha256(data))
