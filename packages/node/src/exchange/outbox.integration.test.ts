import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeError } from '@concordat/protocol'
import { silentLogger } from '../lib/logger.ts'
import { createSystemWorld, type World } from '../lib/world.ts'
import { createPayloadStore } from '../storage/payloads.ts'
import type { Database } from '../store/database.ts'
import type { OutboxRow } from '../store/schema.ts'
import { forEachDialect } from '../store/testing.ts'
import { createTestParty, from, introduce, sha256, type TestParty } from './exchange.testing.ts'
import type { Verdict } from './exchange.ts'
import { createMemoryHub, type MemoryHub } from './memory/hub.ts'
import { createMemoryExchange, seedOf } from './memory/memory-exchange.ts'
import { createOutbox, type NewOutboxRow, type Outbox } from './outbox.ts'
import { seedToRecipient } from './outbox-sender.ts'

/** A clock whose pauses end when the test says so. */
function createStoppedWorld(): World & { sleeping(): number[]; wakeAll(): void } {
  const system = createSystemWorld()
  const sleepers = new Set<{ ms: number; wake: () => void }>()
  let now = system.now()
  return {
    ...system,
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(signal.reason)
        })
        if (signal?.aborted) reject(signal.reason)
      }),
    /** Pauses other than the stage's rest. */
    sleeping: () => [...sleepers].map(({ ms }) => ms).filter((ms) => ms < 600_000),
    wakeAll() {
      for (const sleeper of [...sleepers].filter(({ ms }) => ms < 600_000)) {
        sleepers.delete(sleeper)
        now += sleeper.ms
        sleeper.wake()
      }
    },
  }
}

interface Scene extends AsyncDisposable {
  readonly world: ReturnType<typeof createStoppedWorld>
  readonly hub: MemoryHub
  readonly database: Database
  readonly outbox: Outbox
  readonly alice: TestParty
  readonly bob: TestParty
  readonly carol: TestParty
  readonly delivered: string[]
  readonly failures: [string, string][]
  readonly put: (...rows: Omit<NewOutboxRow, 'namespace'>[]) => Promise<void>
  readonly restart: () => Promise<void>
}

async function createScene(open: () => Promise<Database>): Promise<Scene> {
  const world = createStoppedWorld()
  const hub = createMemoryHub({ world })
  const party = (name: string): Promise<TestParty> =>
    createTestParty(name, async (peerId, blobs, handlers) => {
      const exchange = createMemoryExchange(hub, { peerId }, { blobs, handlers })
      return { exchange, seed: () => seedOf(exchange.profile('node')) }
    })
  const [alice, bob, carol] = [await party('alice'), await party('bob'), await party('carol')]
  introduce(alice, bob, carol)
  const database = await open()
  const payloads = createPayloadStore(database, world)
  for (const ref of ['m1', 'm2', 'm3']) await payloads.put(ref, Buffer.from(`{"${ref}":true}`))
  const delivered: string[] = []
  const failures: [string, string][] = []
  const create = (): Outbox => {
    const outbox = createOutbox({
      database,
      exchange: alice.exchange,
      world,
      log: silentLogger,
      payloads,
      sender: () => 'alice/node',
      networkName: (namespace) => `net-${namespace}`,
      onDelivered: async (rows: readonly OutboxRow[]) =>
        void delivered.push(...rows.map(({ id }) => id)),
      onFailed: async ({ id }: OutboxRow, { code }: NodeError) => void failures.push([id, code]),
    })
    outbox.open()
    return outbox
  }
  const scene = {
    world,
    hub,
    database,
    outbox: create(),
    alice,
    bob,
    carol,
    delivered,
    failures,
    async put(...rows: Omit<NewOutboxRow, 'namespace'>[]) {
      const full = rows.map((row) => ({ namespace: 'default', ...row }))
      await database.transaction((tx) => scene.outbox.enqueue(tx, full))
    },
    async restart() {
      await scene.outbox.stage[Symbol.asyncDispose]()
      scene.outbox = create()
    },
    async [Symbol.asyncDispose]() {
      await scene.outbox.stage[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
  return scene
}

/** Lets what is under way go on until a fact holds. */
async function until(fact: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await fact())) await new Promise(setImmediate)
}

const left = async ({ database }: Scene): Promise<number> =>
  (await database.read.selectFrom('outbox').selectAll().execute()).length

const message = (id: string, recipient = 'bob/node', ref = 'm1') =>
  ({ id, recipient, kind: 'message', ref }) as const
const texts = ({ arrived }: TestParty): string[] =>
  arrived.map((arrival) => (arrival.kind === 'message' ? arrival.message : arrival.kind))

type OpenScene = () => Promise<Scene>

forEachDialect((_dialect, create) => {
  const open: OpenScene = async () => createScene((await create()).open)
  describe('outbox', { timeout: 60_000 }, () => {
    deliveryCases(open)
    pauseCases(open)
    failureCases(open)
  })
})

function deliveryCases(openScene: OpenScene): void {
  it('sends in order, blobs among messages, and reports what was delivered', async () => {
    await using scene = await openScene()
    const { alice, bob, database, delivered, put } = scene
    const blob = await alice.blobs.write(from(Buffer.from('blob')))
    await database.transaction(async (tx) => {
      const row = {
        seq: tx.sequence('blobs', 1),
        namespace: 'default',
        ...blob,
        created: '',
        dataId: 'd1',
      }
      await tx.insertMany('blobs', [row])
    })
    await put(
      message('1'),
      { id: '2', recipient: 'bob/node', kind: 'blob', ref: 'd1' },
      message('3', 'bob/node', 'm2'),
    )
    await until(() => delivered.length === 3)
    assert.deepEqual(texts(bob), ['{"m1":true}', 'blob', '{"m2":true}'])
    const arrival = bob.arrived[1]
    assert.equal(arrival?.kind === 'blob' && arrival.path, 'net-default/d1')
    assert.deepEqual(delivered, ['1', '2', '3'])
    await until(async () => (await left(scene)) === 0)
  })

  it('does not let a dead recipient hold up the others, and drains it when it is back', async () => {
    await using scene = await openScene()
    const { hub, world, bob, carol, delivered, put, outbox } = scene
    hub.partition('alice', 'bob')
    await put(message('1'), message('2', 'bob/node', 'm2'), message('3', 'carol/node', 'm3'))
    await until(() => delivered.includes('3') && world.sleeping().length === 1)
    assert.deepEqual(texts(carol), ['{"m3":true}'])
    assert.deepEqual(texts(bob), [])
    hub.healAll()
    outbox.nudge('bob/node')
    await until(() => delivered.length === 3)
    assert.deepEqual(texts(bob), ['{"m1":true}', '{"m2":true}'])
  })
}

function pauseCases(openScene: OpenScene): void {
  it('does not wait out a long pause when the recipient calls', async () => {
    await using scene = await openScene()
    const { hub, world, delivered, put, outbox } = scene
    hub.partition('alice', 'bob')
    await put(message('1'))
    for (const pause of [250, 500, 1000, 2000]) {
      await until(() => world.sleeping().includes(pause))
      world.wakeAll()
    }
    await until(() => world.sleeping().includes(4000))
    hub.healAll()
    outbox.heard('bob/node')
    outbox.heard('bob/node')
    assert.deepEqual(world.sleeping(), [250])
    world.wakeAll()
    await until(() => delivered.length === 1)
  })

  it('pauses from 250 ms doubling to five minutes', async () => {
    await using scene = await openScene()
    const { hub, world, delivered, put } = scene
    hub.partition('alice', 'bob')
    await put(message('1'))
    const pauses: number[] = []
    for (let count = 0; count < 13; count++) {
      await until(() => world.sleeping().length === 1)
      pauses.push(...world.sleeping())
      world.wakeAll()
    }
    assert.deepEqual(pauses.slice(0, 4), [250, 500, 1000, 2000])
    assert.deepEqual(pauses.slice(-2), [300_000, 300_000])
    hub.healAll()
    await until(() => {
      world.wakeAll()
      return delivered.length === 1
    })
  })

  it('keeps what was not delivered across a restart', async () => {
    await using scene = await openScene()
    const { hub, world, bob, delivered, put, restart } = scene
    hub.partition('alice', 'bob')
    await put(message('1'))
    await until(() => world.sleeping().length === 1)
    hub.healAll()
    await restart()
    await until(() => delivered.length === 1)
    assert.deepEqual(texts(bob), ['{"m1":true}'])
    await until(async () => (await left(scene)) === 0)
  })
}

function failureCases(openScene: OpenScene): void {
  it('reports what was refused, or can never be sent, and goes on', async () => {
    await using scene = await openScene()
    const { bob, delivered, failures, put } = scene
    bob.verdict = 'refused'
    await put(message('1'))
    await until(() => failures.length === 1)
    bob.verdict = 'accepted'
    await put(message('2', 'bob/node', 'missing'), message('3'))
    await until(() => delivered.length === 1)
    assert.deepEqual(failures, [
      ['1', 'CC20202'],
      ['2', 'CC20602'],
    ])
    assert.deepEqual(delivered, ['3'])
  })

  it('lets a payload that is not announced yet wait alone', async () => {
    await using scene = await openScene()
    const { alice, bob, world, database, delivered, put } = scene
    const contents = [Buffer.from('one'), Buffer.from('two')]
    const [one, two] = contents.map(sha256)
    assert.ok(one !== undefined && two !== undefined)
    const payloads = createPayloadStore(database, world)
    for (const content of contents) await payloads.put(sha256(content), content)
    let verdict: Verdict = 'later'
    Object.defineProperty(bob, 'verdict', { get: () => verdict })
    await put({ id: '1', recipient: 'bob/node', kind: 'payload', ref: one })
    await until(() => world.sleeping().length === 1)
    verdict = 'accepted'
    const recipient = seedToRecipient(bob.seed())
    await put(
      { id: '2', recipient: 'bob/node', kind: 'payload', ref: two },
      { id: '3', recipient, kind: 'payload', ref: two },
    )
    await until(() => delivered.length === 2)
    assert.deepEqual([...delivered].sort(), ['2', '3'])
    await until(() => world.sleeping().length === 1)
    world.wakeAll()
    await until(() => delivered.includes('1'))
    assert.equal(alice.arrived.length, 0)
  })
}
