import {
  type Adapters,
  type Chain,
  type ChainDeps,
  type Exchange,
  type ExchangeDeps,
  systemAdapters,
} from '@concordat/node'
import type { Fuse } from './fuse.ts'
import { fuseDatabase } from './fused-database.ts'

/** The real adapters, with a fuse in each call that leaves a trace outside the node. */
export const fuseAdapters = (fuse: Fuse): Adapters => ({
  ...systemAdapters,
  openDatabase: async (config, world) =>
    fuseDatabase(await systemAdapters.openDatabase(config, world), fuse),
  blockchain: systemAdapters.blockchain.map((adapter) => ({
    type: adapter.type,
    configSchema: adapter.configSchema,
    create: async (config, deps) =>
      fuseChain(await adapter.create(config, fuseChainDeps(deps, fuse)), fuse),
  })),
  dataexchange: systemAdapters.dataexchange.map((adapter) => ({
    type: adapter.type,
    configSchema: adapter.configSchema,
    create: async (config, deps) =>
      fuseExchange(await adapter.create(config, fuseExchangeDeps(deps, fuse)), fuse),
  })),
})

const fuseChainDeps = (deps: ChainDeps, fuse: Fuse): ChainDeps => ({
  ...deps,
  journal: {
    ...deps.journal,
    save: (entries) =>
      entries.some(({ state }) => state === 'signed')
        ? fuse.around('journal', () => deps.journal.save(entries))
        : deps.journal.save(entries),
  },
  settled: (receipts) => fuse.around('receipt', () => deps.settled(receipts)),
})

const fuseChain = (chain: Chain, fuse: Fuse): Chain => ({
  ...chain,
  submit: (submission) => fuse.around('submit', () => chain.submit(submission)),
  async *pages(...request) {
    for await (const page of chain.pages(...request)) {
      if (page.events.length === 0) {
        yield page
        continue
      }
      fuse.pass('page:before')
      yield page
      fuse.pass('page:after')
    }
  },
})

const fuseExchangeDeps = (deps: ExchangeDeps, fuse: Fuse): ExchangeDeps => ({
  ...deps,
  handlers: {
    ...deps.handlers,
    message: (...call) => fuse.around('receive-batch', () => deps.handlers.message(...call)),
  },
})

const fuseExchange = (exchange: Exchange, fuse: Fuse): Exchange => ({
  ...exchange,
  sendMessage: (...call) => fuse.around('send-batch', () => exchange.sendMessage(...call)),
  sendPayload: (...call) => fuse.around('send-payload', () => exchange.sendPayload(...call)),
})
