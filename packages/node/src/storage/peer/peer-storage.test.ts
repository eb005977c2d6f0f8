import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  createTestParty,
  introduce,
  sha256,
  type TestParty,
} from '../../exchange/exchange.testing.ts'
import type { Seed } from '../../exchange/exchange.ts'
import { createMemoryHub, type MemoryHub } from '../../exchange/memory/hub.ts'
import { createMemoryExchange, seedOf } from '../../exchange/memory/memory-exchange.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createSystemWorld } from '../../lib/world.ts'
import type { SharedStorage } from '../storage.ts'
import { createPeerStorage } from './peer-storage.ts'

const world = createSystemWorld()
const signal = AbortSignal.timeout(60_000)
const content = Buffer.from('a broadcast')
const ref = sha256(content)

const startParty = (hub: MemoryHub, name: string): Promise<TestParty> =>
  createTestParty(name, async (peerId, blobs, handlers) => {
    const exchange = createMemoryExchange(hub, { peerId }, { blobs, handlers })
    return { exchange, seed: () => seedOf(exchange.profile('node')) }
  })

function storageOf(
  party: TestParty,
  seeds: readonly Seed[] = [],
  pushed: string[] = [],
): SharedStorage {
  const { exchange, blobs, payloads, published } = party
  return createPeerStorage({
    world,
    log: silentLogger,
    exchange,
    blobs,
    seeds,
    payloads: {
      put: async (hash, bytes) => void payloads.set(hash, bytes),
      putIn: async (_tx, hash, bytes) => void payloads.set(hash, bytes),
      get: async (hash) => payloads.get(hash),
    },
    findBlob: async (hash) => published.get(hash),
    push: async (_tx, hash) => void pushed.push(hash),
    // What is published here goes to no database.
    transaction: async (work) => await work(Object.create(null)),
  })
}

describe('peer storage', () => {
  it('keeps what it publishes, and has it pushed', async () => {
    const alice = await startParty(createMemoryHub({ world }), 'alice')
    const pushed: string[] = []
    await using storage = storageOf(alice, [], pushed)
    assert.equal(await storage.publish(content), ref)
    assert.deepEqual(pushed, [ref])
    assert.deepEqual(alice.payloads.get(ref), content)
  })

  it('passes over members who are silent or lie, and keeps a copy to pass on', async () => {
    const hub = createMemoryHub({ world })
    const [alice, bob, carol, dave] = [
      await startParty(hub, 'alice'),
      await startParty(hub, 'bob'),
      await startParty(hub, 'carol'),
      await startParty(hub, 'dave'),
    ]
    introduce(alice, bob, carol, dave)
    hub.partition('alice', 'bob')
    carol.payloads.set(ref, Buffer.from('something else'))
    dave.payloads.set(ref, content)
    await using storage = storageOf(alice)
    const fetched = await storage.fetch(ref, 100, signal)
    assert.ok(fetched.state === 'found')
    assert.deepEqual(Buffer.from(fetched.content), content)
    assert.deepEqual(Buffer.from(alice.payloads.get(ref) ?? []), content)
  })
})

describe('peer storage, when nobody has it', () => {
  it('says absent only when all answered that they have none', async () => {
    const hub = createMemoryHub({ world })
    const [alice, bob, carol] = [
      await startParty(hub, 'alice'),
      await startParty(hub, 'bob'),
      await startParty(hub, 'carol'),
    ]
    await using alone = storageOf(alice)
    assert.equal((await alone.fetch(ref, 100, signal)).state, 'unreachable')
    await using storage = storageOf(alice, [carol.seed()])
    // Carol does not know alice yet, so she tells nothing.
    assert.equal((await storage.fetch(ref, 100, signal)).state, 'unreachable')
    // Who knows a member need not wait for a seed, which may never become one.
    introduce(alice, bob)
    assert.equal((await storage.fetch(ref, 100, signal)).state, 'absent')
    carol.exchange.addPeer(alice.exchange.profile('node'))
    assert.equal((await storage.fetch(ref, 100, signal)).state, 'absent')
    hub.partition('alice', 'bob')
    assert.equal((await storage.fetch(ref, 100, signal)).state, 'unreachable')
    carol.payloads.set(ref, content)
    assert.equal((await storage.fetch(ref, 100, signal)).state, 'found')
  })

  it('says gone when one of them knows it of all members, unless another is silent or has it', async () => {
    const hub = createMemoryHub({ world })
    const [alice, bob, carol] = [
      await startParty(hub, 'alice'),
      await startParty(hub, 'bob'),
      await startParty(hub, 'carol'),
    ]
    introduce(alice, bob, carol)
    bob.gone.add(ref)
    await using storage = storageOf(alice)
    assert.equal((await storage.fetch(ref, 100, signal)).state, 'gone')
    hub.partition('alice', 'carol')
    assert.equal((await storage.fetch(ref, 100, signal)).state, 'unreachable')
    hub.healAll()
    carol.payloads.set(ref, content)
    assert.equal((await storage.fetch(ref, 100, signal)).state, 'found')
  })
})
