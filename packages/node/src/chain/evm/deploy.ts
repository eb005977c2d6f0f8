import { NodeError } from '@concordat/protocol'
import { encodeDeployData, type Hex, hexToNumber } from 'viem'
import type { Signer } from '../../identity/signers/signer.ts'
import type { World } from '../../lib/world.ts'
import { concordatAbi, concordatBytecode } from './contract.generated.ts'
import { toHead } from './heads.ts'
import { toAddress } from './lane.ts'
import { createRpc, explain, type Rpc, refusal, unreachable } from './rpc.ts'

export interface DeployOptions {
  /** JSON-RPC endpoint. */
  readonly url: string
  readonly signer: Signer
  /** Which of the signer's keys pays and owns the contract; its first if absent. */
  readonly key?: string
  /** The network's confirmation depth; 0 if absent, right only for a chain whose blocks stay. */
  readonly confirmations?: number
  /** Keys that may pin; anyone if absent or empty. */
  readonly writers?: readonly string[]
  /** Wei; the node's price if absent. */
  readonly gasPrice?: bigint
  readonly world: Pick<World, 'sleep'>
  readonly signal?: AbortSignal
}

export interface Deployment {
  readonly address: string
  readonly transactionHash: string
  readonly blockNumber: number
}

const deployGas = 2_000_000n

/** Puts the contract on the chain; resolves when it is there. */
export async function deployContract(options: DeployOptions): Promise<Deployment> {
  const rpc = createRpc(options.url, 15_000)
  try {
    const hash = await send(rpc, options)
    for (;;) {
      const receipt = await rpc.request({ method: 'eth_getTransactionReceipt', params: [hash] })
      if (receipt?.contractAddress && receipt.status !== '0x0') {
        const blockNumber = hexToNumber(receipt.blockNumber)
        return { address: receipt.contractAddress, transactionHash: hash, blockNumber }
      }
      if (receipt) throw new NodeError('CC20101', { tx: hash, reason: 'deployment failed' })
      await options.world.sleep(50, options.signal)
    }
  } catch (error) {
    throw unreachable(error)
  }
}

async function send(rpc: Rpc, options: DeployOptions): Promise<Hex> {
  const { signer, confirmations = 0, writers = [] } = options
  const key = (options.key ?? (await signer.addresses())[0])?.toLowerCase()
  if (!key) throw new NodeError('FF10354')
  const args = [BigInt(confirmations), writers.map(toAddress)] as const
  const from = toAddress(key)
  const [chainId, nonce, head, price] = await Promise.all([
    rpc.request({ method: 'eth_chainId' }),
    rpc.request({ method: 'eth_getTransactionCount', params: [from, 'pending'] }),
    rpc.request({ method: 'eth_getBlockByNumber', params: ['latest', false] }).then(toHead),
    options.gasPrice ?? rpc.request({ method: 'eth_gasPrice' }),
  ])
  // Twice the base fee: it may rise before the next block.
  const margin = options.gasPrice === undefined ? (head.baseFee ?? 0n) : 0n
  const raw = await signer.sign(key, {
    type: 'legacy',
    chainId: hexToNumber(chainId),
    nonce: hexToNumber(nonce),
    gas: deployGas + 50_000n * BigInt(writers.length),
    gasPrice: BigInt(price) + margin,
    data: encodeDeployData({ abi: concordatAbi, bytecode: concordatBytecode, args }),
  })
  try {
    return await rpc.request({ method: 'eth_sendRawTransaction', params: [raw] })
  } catch (error) {
    if (!refusal(error)) throw error
    throw new NodeError('CC20106', { reason: explain(error) }, { cause: error })
  }
}
