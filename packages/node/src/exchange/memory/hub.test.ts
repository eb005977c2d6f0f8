import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { World } from '../../lib/world.ts'
import { createTestParty, introduce, type TestParty } from '../exchange.testing.ts'
import { createMemoryHub, type MemoryHub } from './hub.ts'
import { createMemoryExchange, seedOf } from './memory-exchange.ts'

const signal = AbortSignal.timeout(60_000)

/** Chance by a seed; time passes only while someone sleeps. */
function createSeededWorld(seed: number): World {
  let state = seed
  let now = 0
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  }
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms
    },
    yield: async () => {},
    random: (length) => Uint8Array.from({ length }, next),
    uuid: () => '',
  }
}

async function createScene(hub: MemoryHub): Promise<{ alice: TestParty; bob: TestParty }> {
  const start = (name: string): Promise<TestParty> =>
    createTestParty(name, async (peerId, blobs, handlers) => {
      const exchange = createMemoryExchange(hub, { peerId }, { blobs, handlers })
      return { exchange, seed: () => seedOf(exchange.profile('node')) }
    })
  const parties = { alice: await start('alice'), bob: await start('bob') }
  introduce(parties.alice, parties.bob)
  return parties
}

async function trace(seed: number): Promise<string> {
  const world = createSeededWorld(seed)
  const hub = createMemoryHub({ world, delayMs: { min: 1, max: 90 }, loss: 0.2, duplicates: 0.2 })
  const { alice, bob } = await createScene(hub)
  const lines: string[] = []
  for (let count = 0; count < 100; count++) {
    const message = Buffer.from(String(count))
    const sent = await alice.exchange
      .sendMessage('alice/node', 'bob/node', message, signal)
      .catch(() => 'lost')
    lines.push(`${world.now()} ${sent} ${bob.arrived.length}`)
  }
  return lines.join('\n')
}

describe('memory hub', () => {
  it('loses, doubles and delays by its seed alone', async () => {
    const [one, again, other] = [await trace(1), await trace(1), await trace(2)]
    assert.equal(one, again)
    assert.notEqual(one, other)
    assert.match(one, /lost/)
    assert.match(one, /accepted/)
  })

  it('may lose the answer to what arrived', async () => {
    const hub = createMemoryHub({ world: createSeededWorld(1) })
    const { alice, bob } = await createScene(hub)
    const accept = Reflect.get(bob, 'verdict')
    Object.defineProperty(bob, 'verdict', {
      get() {
        hub.partition('alice', 'bob')
        return accept
      },
    })
    await assert.rejects(
      alice.exchange.sendMessage('alice/node', 'bob/node', Buffer.from('{}'), signal),
    )
    assert.equal(bob.arrived.length, 1)
    hub.heal('bob', 'alice')
    assert.equal(await alice.exchange.ping('bob/node', signal), true)
  })
})
