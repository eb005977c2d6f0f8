import assert from 'node:assert/strict'
import { it } from 'node:test'
import { forEachDialect } from '../../store/testing.ts'
import { connectClient, startTestSockets, startTestSubscribers } from '../testing.ts'

forEachDialect((_dialect, create) => {
  it('delivers what was there before and what comes, in order, to a client that acknowledges', async () => {
    await using database = await (await create()).open()
    await using node = await startTestSubscribers(database)
    await using server = await startTestSockets({ subscribers: () => node.subscribers })
    const before = await node.confirm(5)
    await node.subscribers.subscriptions.create({ name: 'sub1', options: { firstEvent: 'oldest' } })
    await using client = await connectClient(`${server.url}/ws`)
    client.send({ type: 'start', namespace: 'default', name: 'sub1' })
    const after: string[] = []
    for (let i = 0; i < 5; i++) {
      const frame = await client.next()
      assert.equal(client.received.length, 0, 'one at a time without readAhead')
      assert.equal(frame.message?.header.id, frame.reference)
      after.push(frame.id)
      client.ack(frame)
    }
    const live = await node.confirm(3)
    for (let i = 0; i < 3; i++) {
      const frame = await client.next()
      after.push(frame.id)
      client.ack(frame)
    }
    assert.deepEqual(
      after,
      [...before, ...live].map((row) => row.id),
    )
  })

  it('feeds an ephemeral client thousands of events with automatic acknowledgement', async () => {
    await using database = await (await create()).open()
    await using node = await startTestSubscribers(database, { ringSize: 1000 })
    await using server = await startTestSockets({ subscribers: () => node.subscribers })
    await using client = await connectClient(
      `${server.url}/ws?namespace=default&ephemeral&autoack&filter.events=message_(confirmed|rejected)&filter.message.tag=run1&readahead=100`,
    )
    while (server.sockets.status().connections[0]?.subscriptions.length !== 1) await client.ping()
    const sent: string[] = []
    for (let i = 0; i < 30; i++) {
      for (const row of await node.confirm(200, { tag: 'run1' })) sent.push(row.id)
      await node.confirm(3, { tag: 'other' })
    }
    const frames = await client.take(sent.length)
    assert.deepEqual(
      frames.map((frame) => frame.id),
      sent,
    )
  })
})
