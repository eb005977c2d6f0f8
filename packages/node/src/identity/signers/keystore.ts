import { createCipheriv, createDecipheriv, pbkdf2, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { scryptAsync as slowScrypt } from '@noble/hashes/scrypt'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { type Hex, keccak256 } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { parseSecret } from './local-signer.ts'

const HexText = Type.String({ pattern: '^(0x)?([0-9a-fA-F]{2})*$' })
const Count = Type.Integer({ minimum: 1 })

const Crypto = {
  cipher: Type.Literal('aes-128-ctr'),
  ciphertext: HexText,
  cipherparams: Type.Object({ iv: HexText }),
  mac: HexText,
}
const ScryptParams = Type.Object({ dklen: Count, n: Count, p: Count, r: Count, salt: HexText })
const Pbkdf2Params = Type.Object({
  dklen: Count,
  c: Count,
  prf: Type.Literal('hmac-sha256'),
  salt: HexText,
})

/** Web3 secret storage, version 3, as wallets and nodes write it. */
export const Keystore = Type.Object({
  version: Type.Literal(3),
  id: Type.Optional(Type.String()),
  address: Type.Optional(HexText),
  crypto: Type.Union([
    Type.Object({ ...Crypto, kdf: Type.Literal('scrypt'), kdfparams: ScryptParams }),
    Type.Object({ ...Crypto, kdf: Type.Literal('pbkdf2'), kdfparams: Pbkdf2Params }),
  ]),
})
export type Keystore = Static<typeof Keystore>

/** The memory a key derivation may take, in bytes; the usual settings need 256 MiB. */
const maxMemory = 512 * 1024 * 1024

/** The secret inside a keystore's JSON text: 0x and 64 hex digits. Throws if the password is wrong. */
export async function openKeystore(text: string, password: string): Promise<Hex> {
  const keystore = parseKeystore(text)
  const key = await deriveKey(keystore.crypto, password)
  const ciphertext = fromHex(keystore.crypto.ciphertext)
  const stated = fromHex(keystore.crypto.mac)
  const mac = authenticate(key, ciphertext)
  if (stated.length !== mac.length || !timingSafeEqual(stated, mac)) {
    throw new Error('the password does not open the keystore')
  }
  const iv = fromHex(keystore.crypto.cipherparams.iv)
  const cipher = createDecipheriv('aes-128-ctr', key.subarray(0, 16), iv)
  const secret = Buffer.concat([cipher.update(ciphertext), cipher.final()])
  return parseSecret(secret.toString('hex'))
}

/** Locks a secret with a password (scrypt, the cost wallets use). `random` gives unpredictable bytes. */
export async function createKeystore(
  secret: string,
  password: string,
  random: (length: number) => Uint8Array,
  cost: { readonly n: number } = { n: 262_144 },
): Promise<Keystore> {
  const salt = toHex(random(32))
  const kdfparams = { dklen: 32, n: cost.n, r: 8, p: 1, salt }
  const key = await deriveKey({ kdf: 'scrypt', kdfparams }, password)
  const iv = random(16)
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), iv)
  const plain = parseSecret(secret)
  const ciphertext = Buffer.concat([cipher.update(fromHex(plain)), cipher.final()])
  return {
    version: 3,
    id: toUuid(random(16)),
    address: privateKeyToAddress(plain).slice(2).toLowerCase(),
    crypto: {
      cipher: 'aes-128-ctr',
      ciphertext: toHex(ciphertext),
      cipherparams: { iv: toHex(iv) },
      kdf: 'scrypt',
      kdfparams,
      mac: toHex(authenticate(key, ciphertext)),
    },
  }
}

function parseKeystore(text: string): Keystore {
  let value: unknown
  try {
    value = lowerNames(JSON.parse(text))
  } catch {
    throw new Error('the keystore is not JSON')
  }
  if (!Value.Check(Keystore, value)) throw new Error('the file is not a keystore of version 3')
  return value
}

// Some wallets of old write `Crypto`.
const lowerNames = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name.toLowerCase(), item]))
    : value

type Derivation =
  | { readonly kdf: 'scrypt'; readonly kdfparams: Static<typeof ScryptParams> }
  | { readonly kdf: 'pbkdf2'; readonly kdfparams: Static<typeof Pbkdf2Params> }

const scryptAsync = promisify<
  string,
  Uint8Array,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt)
const pbkdf2Async = promisify(pbkdf2)

async function deriveKey(how: Derivation, password: string): Promise<Buffer> {
  const { dklen } = how.kdfparams
  if (dklen < 32 || dklen > 1024) throw new Error('the keystore states an unusable key length')
  const salt = fromHex(how.kdfparams.salt)
  if (how.kdf === 'pbkdf2') return pbkdf2Async(password, salt, how.kdfparams.c, dklen, 'sha256')
  const { n, r, p } = how.kdfparams
  if (128 * n * r > maxMemory) throw new Error('the keystore asks for too much memory')
  // OpenSSL refuses what older wallets wrote: a small block (r) with a large cost (n).
  if (n >= 2 ** (16 * r))
    return Buffer.from(await slowScrypt(password, salt, { N: n, r, p, dkLen: dklen }))
  return scryptAsync(password, salt, dklen, { N: n, r, p, maxmem: 2 * maxMemory })
}

const authenticate = (key: Buffer, ciphertext: Uint8Array): Buffer =>
  Buffer.from(keccak256(Buffer.concat([key.subarray(16, 32), ciphertext])).slice(2), 'hex')

const fromHex = (text: string): Buffer => Buffer.from(text.replace(/^0x/, ''), 'hex')
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function toUuid(bytes: Uint8Array): string {
  const hex = toHex(bytes)
  const variant = '89ab'[Number.parseInt(hex.slice(16, 17), 16) & 3]
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-')
}
