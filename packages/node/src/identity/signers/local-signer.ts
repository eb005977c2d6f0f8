import { NodeError } from '@concordat/protocol'
import { type Hex, isHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Signer } from './signer.ts'

/** Signs in this process with one secret: 64 hex digits, with or without 0x. */
export function createLocalSigner(secret: string): Signer {
  const account = privateKeyToAccount(parseSecret(secret))
  const address = account.address.toLowerCase()
  return {
    addresses: async () => [address],
    sign: async (wanted, transaction) => {
      if (wanted !== address) throw new NodeError('CC20107', { key: wanted })
      return account.signTransaction(transaction)
    },
  }
}

/** A secret as 0x and 64 hex digits. Its faults never show the text. */
export function parseSecret(text: string): Hex {
  const digits = text.trim().replace(/^0x/i, '')
  const secret = `0x${digits.toLowerCase()}`
  if (digits.length !== 64 || !isHex(secret)) throw new Error('a secret key has 64 hex digits')
  return secret
}
