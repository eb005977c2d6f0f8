import { encodeDeployData, encodeFunctionData, type Hex } from 'viem'
import {
  type AnvilOptions,
  type AnvilProcess,
  call,
  startAnvil,
} from '../../../../../testkit/src/anvil.ts'
import { createLocalSigner } from '../../../identity/signers/local-signer.ts'
import { createSystemWorld } from '../../../lib/world.ts'
import type { Site } from '../../chain.conformance.ts'
import type { EvmConfig } from '../config.ts'
import { batchPinTopic } from '../decode.ts'
import { deployContract } from '../deploy.ts'
import { evm } from '../index.ts'
import { junkyardAbi, junkyardBytecode } from './junkyard.generated.ts'

export interface AnvilSite extends Site {
  readonly anvil: AnvilProcess
  readonly config: EvmConfig
  rpc(method: string, ...params: unknown[]): Promise<unknown>
  /** Deploys whatever code from an account that nothing else uses; needs blocks at once. */
  deploy(data: Hex): Promise<string>
}

/** Anvil with the contracts of a conformance site, set to mine only when told. */
export async function startAnvilSite(
  config: Partial<EvmConfig> = {},
  options: AnvilOptions = {},
): Promise<AnvilSite> {
  const anvil = await startAnvil(options)
  try {
    return await prepare(anvil, config)
  } catch (error) {
    await anvil.kill()
    throw error
  }
}

async function prepare(anvil: AnvilProcess, config: Partial<EvmConfig>): Promise<AnvilSite> {
  const [owner, first, second, stranger] = anvil.accounts
  if (!owner || !first || !second || !stranger) throw new Error('anvil has too few accounts')
  const world = createSystemWorld()
  const rpc = (method: string, ...params: unknown[]): Promise<unknown> =>
    call(anvil.url, method, params)
  const deploy = async (data: Hex): Promise<string> => {
    const hash = await rpc('eth_sendTransaction', { from: stranger.address, data })
    for (;;) {
      const receipt = await rpc('eth_getTransactionReceipt', hash)
      if (receipt) return addressIn(receipt)
      await world.sleep(5)
    }
  }
  const common = {
    url: anvil.url,
    signer: createLocalSigner(owner.secret),
    world,
  }
  const { address: contract } = await deployContract({ ...common, confirmations: 2 })
  const { address: guarded } = await deployContract({ ...common, writers: [first.address] })
  const junkyard = await deploy(encodeDeployData({ abi: junkyardAbi, bytecode: junkyardBytecode }))
  await rpc('evm_setAutomine', false)
  const full: EvmConfig = {
    url: anvil.url,
    pollIntervalMs: 20,
    keys: [first, second].map(({ secret }) => ({ type: 'secret', secret })),
    ...config,
  }
  return {
    anvil,
    config: full,
    rpc,
    deploy,
    contract,
    guarded,
    junkyard,
    keys: [first.address, second.address],
    open: (deps) => evm.create(full, deps),
    mine: async (blocks) => {
      await rpc('anvil_mine', `0x${blocks.toString(16)}`)
    },
    reorganise: async (depth) => {
      await rpc('anvil_reorg', depth, [])
    },
    emitJunk: async () => {
      for (const data of junk) {
        const args = [batchPinTopic, data] as const
        const input = encodeFunctionData({ abi: junkyardAbi, functionName: 'emitRaw', args })
        await rpc('eth_sendTransaction', {
          from: stranger.address,
          to: junkyard,
          data: input,
          gas: '0x30000',
        })
      }
      await rpc('anvil_mine', '0x1')
    },
    lose: async (blocks) => {
      if (blocks > 0) await rpc('anvil_rollback', blocks)
      await rpc('anvil_dropAllTransactions')
    },
    [Symbol.asyncDispose]: () => anvil[Symbol.asyncDispose](),
  }
}

const word = (value: number): string => value.toString(16).padStart(64, '0')

/** Nothing; half a word; offsets that lead nowhere; a length without end; a text with a NUL. */
const junk: readonly Hex[] = [
  '0x',
  '0x1234',
  `0x${word(1)}${word(2)}${'f'.repeat(64)}${word(4)}${word(5)}${'f'.repeat(64)}${word(7)}`,
  `0x${word(1)}${word(2)}${word(224)}${word(4)}${word(5)}${word(224)}${word(224)}${word(2 ** 40)}`,
  `0x${word(1)}${word(2)}${word(224)}${word(4)}${word(5)}${word(224)}${word(288)}${word(1)}${word(0)}${word(0)}`,
]

function addressIn(receipt: unknown): string {
  if (typeof receipt === 'object' && receipt !== null && 'contractAddress' in receipt) {
    return String(receipt.contractAddress)
  }
  throw new Error('the contract was not deployed')
}
