import type { ChainAdapter } from './chain.ts'
import { evm } from './evm/index.ts'

/** The kinds of chain a configuration may name. The memory chain is not among them: it is made with its ledger. */
export const chains: readonly ChainAdapter[] = [evm]
