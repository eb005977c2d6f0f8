import type { ChainAdapter } from '../chain.ts'
import type { LedgerEnd } from './ledger.ts'
import { createMemoryChain } from './memory-chain.ts'

export interface MemoryConfig {
  /** What this node may sign with: any text of 0x and 40 hex digits. */
  readonly keys: readonly string[]
  /** Blocks by which this node's view of the ledger is behind, asked each time it looks; 0 if absent. */
  readonly lag?: () => number
}

/** The adapter of one ledger: a real chain within one process, for tests and simulations. */
export const createMemoryAdapter = (ledger: LedgerEnd): ChainAdapter<MemoryConfig> => ({
  type: 'memory',
  configSchema: { type: 'object' },
  create: (config, deps) => createMemoryChain(ledger, config, deps),
})
