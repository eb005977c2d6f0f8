import { sha256, sha256Hex } from '#sha256'
import { canonicalJson, toCanonical } from '../../values/canonical.ts'
import type { Value } from '../../values/value.ts'
import type { Meter } from '../meter.ts'
import { textWork } from '../operators.ts'
import { asText, type BuiltIn } from './built-in.ts'

/** Units of work for a hash, besides its text's length. */
const HASH_WORK = 50

const encoder = new TextEncoder()

/** RFC 9901's digest of the disclosure `[salt, key, value]`, written as RFC 8785 says. */
function sealed(salt: string, key: string, value: Value, meter: Meter): string {
  const json = canonicalJson([salt, key, toCanonical(value)])
  meter.spend(HASH_WORK + textWork(json.length))
  meter.allocate(43)
  return base64Url(sha256(base64Url(encoder.encode(json))))
}

const base64Url = (bytes: Uint8Array): string => {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Of the text's UTF-8, as hex. */
function digest(text: string, meter: Meter): string {
  meter.spend(HASH_WORK + textWork(text.length))
  meter.allocate(64)
  return sha256Hex(text)
}

export const digests: Readonly<Record<string, BuiltIn>> = {
  sealed: {
    form: 'function',
    arity: [3, 3],
    apply: ([salt, key, value], meter) => sealed(asText(salt), asText(key), value ?? null, meter),
  },
  sha256: {
    form: 'function',
    arity: [1, 1],
    apply: ([text], meter) => digest(asText(text), meter),
  },
}
