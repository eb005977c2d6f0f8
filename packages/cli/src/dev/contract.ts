import { createLocalSigner, createSystemWorld, deployContract } from '@concordat/node'
import { Failure } from '../failure.ts'
import { callOne } from './chain/rpc.ts'
import type { Network } from './network.ts'
import type { Account } from './stack-files.ts'

/** The address of the network's contract; puts it on the chain if there is none yet. */
export async function ensureContract(
  url: string,
  { chain }: Network,
  deployer: Account,
  stop: AbortSignal,
): Promise<string> {
  if (chain.contract !== undefined) {
    const code = await callOne(url, 'eth_getCode', [chain.contract, 'latest'])
    if (code !== '0x') return chain.contract
    throw new Failure(`the contract ${chain.contract} is not on the chain; begin anew with --reset`)
  }
  const signer = createLocalSigner(deployer.secret)
  const world = createSystemWorld()
  return (await deployContract({ url, signer, confirmations: 0, world, signal: stop })).address
}
