import { encodeAbiParameters, encodeDeployData, encodeFunctionData, type Hex } from 'viem'
import type { Pin } from '../../chain.ts'
import { bareAbi, bareBytecode } from './bare.generated.ts'

/** What deploys a contract that passes pins on to another: anyone's, which members know nothing of. */
export const deployForwarder = (): Hex => encodeDeployData({ abi: bareAbi, bytecode: bareBytecode })

const types = [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'string' }, { type: 'bytes32[]' }]

const hex = (digits: string): Hex => `0x${digits.replaceAll('-', '').replace(/^0x/, '')}`

/** A call of that contract, to have a pin passed on to `target`. */
export function encodeForward(target: string, pin: Pin): Hex {
  const { txId, batchId, batchHash, payloadRef, contexts } = pin
  const data = encodeAbiParameters(types, [
    hex(txId + batchId),
    hex(batchHash),
    payloadRef,
    contexts.map(hex),
  ])
  return encodeFunctionData({
    abi: bareAbi,
    functionName: 'forward',
    args: [hex(target), data],
  })
}
