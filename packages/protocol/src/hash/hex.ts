const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const HEX = /^(?:[0-9a-fA-F]{2})*$/
const HASH = /^[0-9a-f]{64}$/
const HASH_INPUT = /^(?:0x)?[0-9a-fA-F]{64}$/

/** Lower-case hex, without a prefix. */
export function bytesToHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += DIGITS[byte]
  return text
}

/** The bytes of a hex text, one `0x` prefix allowed; undefined if it is not hex. */
export function hexToBytes(text: string): Uint8Array | undefined {
  const digits = text.startsWith('0x') ? text.slice(2) : text
  if (!HEX.test(digits)) return undefined
  const bytes = new Uint8Array(digits.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16)
  }
  return bytes
}

/** True for 64 lower-case hex digits: a 32-byte hash as it is kept and sent. */
export const isHash = (text: string): boolean => HASH.test(text)

/** A 32-byte hash as a caller may write it (any case, one `0x`), in its kept form; undefined if it is none. */
export function parseHash(text: string): string | undefined {
  if (HASH.test(text)) return text
  return HASH_INPUT.test(text) ? text.slice(-64).toLowerCase() : undefined
}
