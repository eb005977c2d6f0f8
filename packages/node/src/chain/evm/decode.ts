import { decodeEventLog, type Hex, hexToNumber, type RpcLog, toEventSelector } from 'viem'
import type { ChainEvent } from '../chain.ts'
import { toProtocolId } from '../protocol-id.ts'
import { concordatAbi } from './contract.generated.ts'

export const batchPinTopic = toEventSelector(
  'BatchPin(address,uint256,string,bytes32,bytes32,string,bytes32[])',
)

/** A BatchPin event, or undefined if its fields make no sense. `timestamp`: of its block, in seconds. */
export function decodeBatchPin(log: RpcLog, timestamp: number): ChainEvent | undefined {
  const { blockHash, blockNumber, transactionHash, transactionIndex, logIndex } = log
  if (!blockHash || !blockNumber || !transactionHash || !transactionIndex || !logIndex) {
    return undefined
  }
  const args = decodeArgs(log)
  if (!args || hasNul(args.action) || hasNul(args.payloadRef)) return undefined
  const place = {
    blockNumber: hexToNumber(blockNumber),
    transactionIndex: hexToNumber(transactionIndex),
    logIndex: hexToNumber(logIndex),
  }
  return {
    ...place,
    protocolId: toProtocolId(place.blockNumber, place.transactionIndex, place.logIndex),
    blockHash,
    transactionHash,
    timestamp,
    signer: args.author.toLowerCase(),
    action: args.action,
    txId: toUuid(args.uuids.slice(2, 34)),
    batchId: toUuid(args.uuids.slice(34, 66)),
    batchHash: args.batchHash.slice(2),
    payloadRef: args.payloadRef,
    contexts: args.contexts.map((context) => context.slice(2)),
    contract: log.address.toLowerCase(),
  }
}

interface BatchPinArgs {
  readonly author: Hex
  readonly action: string
  readonly uuids: Hex
  readonly batchHash: Hex
  readonly payloadRef: string
  readonly contexts: readonly Hex[]
}

function decodeArgs({ data, topics }: RpcLog): BatchPinArgs | undefined {
  const [topic, ...others] = topics
  if (topic !== batchPinTopic || others.length > 0) return undefined
  try {
    const decoded = decodeEventLog({
      abi: concordatAbi,
      eventName: 'BatchPin',
      data,
      topics: [topic],
      strict: true,
    })
    return decoded.args
  } catch {
    return undefined
  }
}

// No database keeps it in text, and nothing that means something holds it.
const hasNul = (text: string): boolean => text.includes('\u0000')

const toUuid = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
