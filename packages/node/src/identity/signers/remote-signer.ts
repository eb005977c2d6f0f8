import { NodeError } from '@concordat/protocol'
import {
  type Hex,
  http,
  isHex,
  numberToHex,
  parseTransaction,
  recoverTransactionAddress,
  type TransactionSerialized,
} from 'viem'
import type { SignableTransaction, Signer } from './signer.ts'

/** Asks a signing service over JSON-RPC: `eth_accounts` for its keys, `eth_signTransaction` to sign. */
export function createRemoteSigner(url: string, allowed?: readonly string[]): Signer {
  const { request } = http(url, { retryCount: 0, timeout: 30_000 })({})
  const ask = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    try {
      return await request({ method, params })
    } catch (cause) {
      throw new NodeError('CC20102', { reason: `the signer failed on ${method}` }, { cause })
    }
  }
  const listed = allowed?.map((address) => address.toLowerCase())
  return {
    addresses: async () => listed ?? toAddresses(await ask('eth_accounts', [])),
    sign: async (address, transaction) => {
      if (listed && !listed.includes(address)) throw new NodeError('CC20107', { key: address })
      const reply = await ask('eth_signTransaction', [toRequest(address, transaction)])
      return checkReply(toRaw(reply), address, transaction)
    },
  }
}

const toAddresses = (reply: unknown): readonly string[] =>
  Array.isArray(reply) ? reply.map((item) => String(item).toLowerCase()) : []

function toRequest(from: string, transaction: SignableTransaction): object {
  const { to, data, gas, nonce, chainId, type } = transaction
  const fees =
    type === 'eip1559'
      ? {
          type: '0x2',
          maxFeePerGas: numberToHex(transaction.maxFeePerGas ?? 0n),
          maxPriorityFeePerGas: numberToHex(transaction.maxPriorityFeePerGas ?? 0n),
        }
      : { gasPrice: numberToHex(transaction.gasPrice ?? 0n) }
  return {
    from,
    ...(to && { to }),
    data,
    value: numberToHex(transaction.value ?? 0n),
    gas: numberToHex(gas),
    nonce: numberToHex(nonce),
    chainId: numberToHex(chainId),
    ...fees,
  }
}

// Geth answers { raw, tx }, others the raw transaction.
function toRaw(reply: unknown): Hex {
  const raw = typeof reply === 'object' && reply !== null && 'raw' in reply ? reply.raw : reply
  if (isHex(raw)) return raw
  throw new NodeError('CC20102', { reason: 'the signer answered without a transaction' })
}

/** What was signed must be what was asked for: a nonce of its own choosing would end the order of pins. */
async function checkReply(raw: Hex, address: string, asked: SignableTransaction): Promise<Hex> {
  const signed = parseTransaction(raw)
  const serializedTransaction: TransactionSerialized = isSerialized(raw)
    ? raw
    : refuse('not a transaction')
  const signer = await recoverTransactionAddress({ serializedTransaction })
  if (signer.toLowerCase() !== address) refuse('signed with another key')
  const same =
    (signed.nonce ?? 0) === asked.nonce &&
    signed.to?.toLowerCase() === asked.to?.toLowerCase() &&
    (signed.data ?? '0x') === asked.data &&
    signed.chainId === asked.chainId
  if (!same) refuse('another transaction')
  return raw
}

const isSerialized = (raw: Hex): raw is TransactionSerialized => raw.length > 4

function refuse(reason: string): never {
  throw new NodeError('CC20106', { reason: `the signer's answer is ${reason}` })
}
