import { after, afterEach, before, test } from 'node:test'
import { forEachDialect } from '../../../node/src/store/testing.ts'
import { call } from '../../src/anvil.ts'
import { type Network, type NetworkOptions, startNetwork } from '../../src/network.ts'

/**
 * Tests one story after another on one network, once with parties on SQLite files and once on databases of a real Postgres.
 * Whatever a story does to the chain's mining ends with it.
 */
export function tellOnEachDialect(
  options: NetworkOptions,
  stories: Readonly<Record<string, (network: Network) => Promise<void>>>,
): void {
  forEachDialect((dialect, create) => {
    let network: Network
    before(async () => {
      network = await startNetwork({
        ...options,
        ...(dialect === 'postgres' && { databaseUrl: async () => (await create()).place }),
      })
    })
    after(() => network[Symbol.asyncDispose]())
    afterEach(() => call(network.anvil.url, 'evm_setAutomine', [true]))
    for (const [name, story] of Object.entries(stories)) test(name, () => story(network))
  })
}
