import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { type Hex, keccak256, parseTransaction } from 'viem'
import type { SignableTransaction } from '../../identity/signers/signer.ts'
import type { JournalEntry } from '../chain.ts'
import type { Fee } from './fees.ts'

const HexText = Type.Unsafe<Hex>(Type.String({ pattern: '^0x[0-9a-f]*$' }))

const Written = Type.Object({
  contract: HexText,
  /** The signed transaction that was handed over last. */
  raw: HexText,
  /** Of it and of all it replaced, oldest first: any of them may be the one that is mined. */
  hashes: Type.Array(HexText),
  /** Milliseconds since 1970. */
  signedAt: Type.Integer(),
  /** Why the call was given up; `raw` then only uses up the nonce. */
  refused: Type.Optional(Type.String()),
})

/** A transaction that was signed and is not final yet. */
export interface OpenTransaction {
  readonly id: string
  readonly key: string
  nonce: number
  contract: Hex
  raw: Hex
  hashes: Hex[]
  signedAt: number
  refused?: string
  /** When it was last handed over; undefined if it never was, or was lost since. */
  sentAt?: number
  /** When the chain was last asked whether it still knows it. */
  askedAt?: number
  /** Block of its receipt, while that isn't deep enough. */
  minedAt?: number
  /** Since when its nonce is used while no receipt is found. */
  missingSince?: number
}

export function toEntry(
  open: OpenTransaction,
  state: JournalEntry['state'],
  error?: string,
): JournalEntry {
  const { id, key, nonce, contract, raw, hashes, signedAt, refused } = open
  const record: Static<typeof Written> = {
    contract,
    raw,
    hashes,
    signedAt,
    ...(refused !== undefined && { refused }),
  }
  return {
    id,
    key,
    nonce,
    state,
    record: JSON.stringify(record),
    ...(error !== undefined && { error }),
  }
}

/** Throws if the journal holds something else. */
export function fromEntry({ id, key, nonce, record }: JournalEntry): OpenTransaction {
  return { id, key, nonce, ...Value.Parse(Written, JSON.parse(record)) }
}

export const hashOf = (raw: Hex): Hex => keccak256(raw)

/** What was signed, to be signed anew with another fee, nonce or content. */
export function toSignable(raw: Hex): { call: Call; fee: Fee } {
  const tx = parseTransaction(raw)
  const call: Call = {
    to: tx.to ?? undefined,
    data: tx.data ?? '0x',
    gas: tx.gas ?? 0n,
    chainId: tx.chainId ?? 0,
  }
  const fee: Fee =
    tx.type === 'eip1559'
      ? {
          type: 'eip1559',
          maxFeePerGas: tx.maxFeePerGas ?? 0n,
          maxPriorityFeePerGas: tx.maxPriorityFeePerGas ?? 0n,
        }
      : { type: 'legacy', gasPrice: tx.gasPrice ?? 0n }
  return { call, fee }
}

export interface Call {
  readonly to: Hex | undefined
  readonly data: Hex
  readonly gas: bigint
  readonly chainId: number
}

export const toTransaction = (call: Call, nonce: number, fee: Fee): SignableTransaction => ({
  ...(call.to && { to: call.to }),
  data: call.data,
  gas: call.gas,
  chainId: call.chainId,
  nonce,
  ...fee,
})
