import { NodeError } from '@concordat/protocol'
import { decodeFunctionResult, encodeFunctionData, type Hex } from 'viem'
import type { Profile } from '../chain.ts'
import { concordatAbi } from './contract.generated.ts'
import { type Rpc, refusal, unreachable } from './rpc.ts'

/** What the contract says of its network. FireFly's own contracts have no profile: confirmations are then absent. */
export async function readProfile(rpc: Rpc, contract: Hex): Promise<Profile> {
  const version = await ask(rpc, contract, 'networkVersion')
  const networkVersion = version
    ? decodeFunctionResult({ abi: concordatAbi, functionName: 'networkVersion', data: version })
    : 1
  const profile = await ask(rpc, contract, 'profile')
  if (!profile) return { networkVersion }
  const [layout, confirmations] = decodeFunctionResult({
    abi: concordatAbi,
    functionName: 'profile',
    data: profile,
  })
  if (layout !== 1) {
    throw new NodeError('CC20401', {
      faults: `contract ${contract} has a profile of version ${layout}, unknown here`,
    })
  }
  return { networkVersion, confirmations: Number(confirmations) }
}

/** The answer, or undefined if the contract has no such method. */
async function ask(
  rpc: Rpc,
  to: Hex,
  functionName: 'networkVersion' | 'profile',
): Promise<Hex | undefined> {
  const data = encodeFunctionData({ abi: concordatAbi, functionName })
  try {
    const answer = await rpc.request({ method: 'eth_call', params: [{ to, data }, 'latest'] })
    if (answer !== '0x') return answer
  } catch (error) {
    const answer = refusal(error)
    if (!answer || !/revert/i.test(answer.message)) throw unreachable(error)
    return undefined
  }
  const code = await rpc
    .request({ method: 'eth_getCode', params: [to, 'latest'] })
    .catch((error: unknown) => Promise.reject(unreachable(error)))
  if (code && code !== '0x') return undefined
  throw new NodeError('CC20401', { faults: `there is no contract at ${to}` })
}
