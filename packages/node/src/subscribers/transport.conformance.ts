import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { SubscriptionOptions } from '@concordat/protocol'
import { migrate } from '../store/migrate.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { Subscribers } from './subscribers.ts'
import { startTestSubscribers } from './testing.ts'
import type { EventTransport } from './transport.ts'

/** A transport with a consumer at its far end. */
export interface TransportHarness extends AsyncDisposable {
  readonly transport: EventTransport
  /** Options of a subscription that the consumer gets. */
  readonly options: SubscriptionOptions
  /** Options that the transport can't serve. */
  readonly refused: SubscriptionOptions
  /** Brings the consumer to the durable subscription `conformance`, for transports whose clients come by themselves. */
  connect(subscribers: Subscribers): Promise<AsyncDisposable>
  /** The next event the consumer gets, as its id; accepted, or handed back. */
  take(answer: 'accept' | 'refuse'): Promise<string>
}

const NAME = 'conformance'

/** What every event transport must do. */
export function transportConformance(name: string, start: () => Promise<TransportHarness>): void {
  it(`${name}: refuses options it can't serve`, async () => {
    await using harness = await start()
    assert.throws(() => harness.transport.validateOptions(harness.refused), { name: 'NodeError' })
    assert.ok(harness.transport.validateOptions(harness.options))
  })

  it(`${name}: delivers in order, each event until it is accepted`, async () => {
    await using run = await begin(start)
    const rows = await run.node.confirm(5)
    await using _ = await run.harness.connect(run.node.subscribers)
    const [first, ...rest] = rows.map((row) => row.id)
    assert.equal(await run.harness.take('refuse'), first)
    assert.equal(await run.harness.take('refuse'), first)
    assert.equal(await run.harness.take('accept'), first)
    for (const id of rest) assert.equal(await run.harness.take('accept'), id)
  })

  it(`${name}: moves the position with what is accepted, and no further`, async () => {
    await using run = await begin(start)
    const { node, harness } = run
    await using _ = await harness.connect(node.subscribers)
    const [first, second] = await node.confirm(2)
    assert.equal(await harness.take('accept'), first?.id)
    assert.equal(await harness.take('refuse'), second?.id)
    const moved = async () => await node.subscribers.subscriptions.offset(run.id)
    assert.ok(((await moved()) ?? 0) < (second?.seq ?? 0))
    assert.equal(await harness.take('accept'), second?.id)
    while ((await moved()) !== second?.seq) await node.world.sleep(1)
  })

  it(`${name}: goes on after a restart`, async () => {
    await using run = await begin(start)
    const { node, harness } = run
    const rows = await node.confirm(3)
    {
      await using _ = await harness.connect(node.subscribers)
      assert.equal(await harness.take('accept'), rows[0]?.id)
      assert.equal(await harness.take('refuse'), rows[1]?.id)
    }
    await node[Symbol.asyncDispose]()
    await using again = await startTestSubscribers(run.database, {
      transports: [harness.transport],
    })
    await using _ = await harness.connect(again.subscribers)
    for (const row of rows.slice(1)) assert.equal(await harness.take('accept'), row.id)
  })

  it(`${name}: stops when its subscription goes`, async () => {
    await using run = await begin(start)
    const { node, harness } = run
    await using _ = await harness.connect(node.subscribers)
    const [first] = await node.confirm(1)
    assert.equal(await harness.take('refuse'), first?.id)
    await node.subscribers.subscriptions.remove(run.id)
    assert.equal(await node.subscribers.subscriptions.offset(run.id), undefined)
    assert.deepEqual(node.subscribers.paused(), [])
  })
}

async function begin(start: () => Promise<TransportHarness>) {
  const harness = await start()
  const database = await openSqlite({ file: ':memory:' })
  await migrate(database, { auto: true, now: '2024-01-01T00:00:00.000000000Z' })
  const node = await startTestSubscribers(database, { transports: [harness.transport] })
  const { id } = await node.subscribers.subscriptions.create({
    name: NAME,
    transport: harness.transport.name,
    options: { ...harness.options, firstEvent: 'oldest' },
  })
  return {
    id,
    harness,
    database,
    node,
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]()
      await harness[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}
