import { encodeFunctionData, type Hex } from 'viem'
import type { Submission } from '../chain.ts'
import { concordatAbi } from './contract.generated.ts'

/** The call data of a submission. */
export function encodeSubmission(submission: Submission): Hex {
  if (submission.method === 'networkAction') {
    const args = [submission.action, submission.payload] as const
    return encodeFunctionData({ abi: concordatAbi, functionName: 'networkAction', args })
  }
  const { txId, batchId, batchHash, payloadRef, contexts } = submission.pin
  const uuids: Hex = `0x${txId.replaceAll('-', '')}${batchId.replaceAll('-', '')}`
  const hashes = contexts.map((context): Hex => `0x${context}`)
  return encodeFunctionData({
    abi: concordatAbi,
    functionName: 'pinBatch',
    args: [uuids, `0x${batchHash}`, payloadRef, hashes],
  })
}

/**
 * Gas enough for a submission on any EVM: measured with our contract, with room for a writer list and for the floor
 * price of call data (40 a byte) on chains that have it.
 */
export function gasByFormula(data: Hex): bigint {
  const bytes = BigInt((data.length - 2) / 2)
  const words = bytes / 32n
  // 12 000 for the event and the list, 8 a byte to log it, and memory that grows with the square.
  return 45_000n + bytes * 44n + (words * words) / 400n
}
