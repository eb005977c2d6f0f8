import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createSystemWorld } from '../../lib/world.ts'
import { forEachDialect, type TestDatabase } from '../../store/testing.ts'
import { connectClient, startTestSockets, startTestSubscribers } from '../testing.ts'

forEachDialect((dialect, create) => {
  it('delivers what was there before and what comes, in order, to a client that acknowledges', async () => {
    await using database = await (await create()).open()
    await using node = await startTestSubscribers(database)
    await using server = await startTestSockets({ subscribers: () => node.subscribers })
    const before = await node.confirm(5)
    await node.subscribers.subscriptions.create({ name: 'sub1', options: { firstEvent: 'oldest' } })
    await using client = await connectClient(`${server.url}/ws`)
    client.send({ type: 'start', namespace: 'default', name: 'sub1' })
    const seen: string[] = []
    const takeOne = async (): Promise<void> => {
      const frame = await client.next()
      assert.equal(client.received.length, 0, 'one at a time without readAhead')
      assert.equal(frame.message?.header.id, frame.reference)
      seen.push(frame.id)
      client.ack(frame)
    }
    for (let i = 0; i < 5; i++) await takeOne()
    const live = await node.confirm(3)
    for (let i = 0; i < 3; i++) await takeOne()
    assert.deepEqual(
      seen,
      [...before, ...live].map((row) => row.id),
    )
  })

  it('loses nothing over restarts, whatever was acknowledged', async () => {
    const place = await create()
    const sent: string[] = []
    const seen = new Set<string>()
    for (let run = 0; run < 4; run++) {
      await using database = await place.open()
      await using node = await startTestSubscribers(database, { ringSize: 10 })
      await using server = await startTestSockets({ subscribers: () => node.subscribers })
      const options = { firstEvent: 'oldest', readAhead: 4 }
      await node.subscribers.subscriptions.upsert({ name: 'sub1', options })
      for (const row of await node.confirm(20)) sent.push(row.id)
      await using client = await connectClient(`${server.url}/ws?namespace=default&name=sub1`)
      const last = run === 3
      let previous = 0
      while (last ? seen.size < sent.length : previous < run * 20 + 7) {
        const frame = await client.next()
        assert.ok(frame.sequence > previous, 'in order')
        previous = frame.sequence
        seen.add(frame.id)
        client.ack(frame)
      }
    }
    assert.deepEqual([...seen], sent, dialect)
  })

  it('delivers again after a crash what was acknowledged but not yet written down', () =>
    redeliverAfterCrash(create))
})

async function redeliverAfterCrash(create: () => Promise<TestDatabase>): Promise<void> {
  await using database = await (await create()).open()
  const frozen = { ...createSystemWorld(), sleep: () => new Promise<void>(() => {}) }
  const crashing = await startTestSubscribers(database, { world: frozen })
  const { id } = await crashing.subscribers.subscriptions.create({
    name: 'sub1',
    options: { firstEvent: 'oldest', readAhead: 9 },
  })
  const rows = await crashing.confirm(5)
  {
    await using server = await startTestSockets({ subscribers: () => crashing.subscribers })
    await using client = await connectClient(`${server.url}/default?name=sub1`)
    for (const frame of await client.take(5)) client.ack(frame)
    await client.ping()
    assert.equal(await crashing.subscribers.subscriptions.offset(id), rows.at(-1)?.seq)
  }
  await using node = await startTestSubscribers(database)
  await using server = await startTestSockets({ subscribers: () => node.subscribers })
  await using client = await connectClient(`${server.url}/default?name=sub1`)
  const again = await client.take(5)
  assert.deepEqual(
    again.map((frame) => frame.id),
    rows.map((row) => row.id),
  )
}
