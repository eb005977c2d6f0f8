import { chainConformance } from '../chain.conformance.ts'
import { startAnvilSite } from './test/anvil-site.ts'

chainConformance('evm, blocks announced', () => startAnvilSite())
chainConformance('evm, asked for blocks', () => startAnvilSite({ wsUrl: 'none' }))
