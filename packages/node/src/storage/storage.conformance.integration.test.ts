import { createTestParty, introduce, type TestParty } from '../exchange/exchange.testing.ts'
import { createMemoryHub } from '../exchange/memory/hub.ts'
import { createMemoryExchange, seedOf } from '../exchange/memory/memory-exchange.ts'
import { createMemoryBlobStore } from '../exchange/memory-blobs.ts'
import { silentLogger } from '../lib/logger.ts'
import { createSystemWorld } from '../lib/world.ts'
import { ipfs } from './ipfs/index.ts'
import { startTestKubo } from './ipfs/kubo.testing.ts'
import { peer } from './peer/index.ts'
import { storageConformance } from './storage.conformance.ts'
import type { StorageDeps } from './storage.ts'

const world = createSystemWorld()
const parts = { world, log: silentLogger, seeds: [] }

storageConformance('peer', async () => {
  const hub = createMemoryHub({ world })
  const start = (name: string): Promise<TestParty> =>
    createTestParty(name, async (peerId, blobs, handlers) => {
      const exchange = createMemoryExchange(hub, { peerId }, { blobs, handlers })
      return { exchange, seed: () => seedOf(exchange.profile('node')) }
    })
  const [alice, bob, carol] = [await start('alice'), await start('bob'), await start('carol')]
  introduce(alice, bob, carol)
  const publisher = await peer.create({}, depsOf(alice))
  const reader = await peer.create({}, depsOf(bob))
  return {
    publisher,
    publisherBlobs: alice.blobs,
    published: (hash, blob) => void alice.published.set(hash, blob),
    reader,
    readerBlobs: bob.blobs,
    nowhere: 'ab'.repeat(32),
    silence: async () => hub.partition('bob', 'carol'),
    async [Symbol.asyncDispose]() {
      await publisher[Symbol.asyncDispose]()
      await reader[Symbol.asyncDispose]()
    },
  }
})

storageConformance('ipfs', async () => {
  const kubo = await startTestKubo()
  const [one, other] = [createMemoryBlobStore(world), createMemoryBlobStore(world)]
  const alone = await createTestParty('alice', async (peerId, blobs, handlers) => {
    const exchange = createMemoryExchange(
      createMemoryHub({ world }),
      { peerId },
      { blobs, handlers },
    )
    return { exchange, seed: () => seedOf(exchange.profile('node')) }
  })
  const config = { api: { url: kubo.url }, gateway: { url: kubo.url } }
  const publisher = await ipfs.create(config, { ...depsOf(alone), blobs: one })
  const reader = await ipfs.create(config, { ...depsOf(alone), blobs: other })
  return {
    publisher,
    publisherBlobs: one,
    published: () => {},
    reader,
    readerBlobs: other,
    nowhere: 'Qm'.padEnd(46, 'x'),
    silence: () => kubo.stop(),
    async [Symbol.asyncDispose]() {
      await publisher[Symbol.asyncDispose]()
      await reader[Symbol.asyncDispose]()
    },
  }
})

function depsOf({ exchange, blobs, payloads, published }: TestParty): StorageDeps {
  return {
    ...parts,
    exchange,
    blobs,
    payloads: {
      put: async (hash, content) => void payloads.set(hash, content),
      putIn: async (_tx, hash, content) => void payloads.set(hash, content),
      get: async (hash) => payloads.get(hash),
    },
    // What is published here goes to no database.
    transaction: async (work) => await work(Object.create(null)),
    findBlob: async (hash) => published.get(hash),
    push: async () => {},
  }
}
