import type { ChainAdapter } from '../chain.ts'
import { EvmConfig } from './config.ts'
import { createEvmChain } from './evm-chain.ts'

/** Any Ethereum-like chain that speaks JSON-RPC. */
export const evm: ChainAdapter<EvmConfig> = {
  type: 'evm',
  configSchema: EvmConfig,
  create: createEvmChain,
}
