import assert from 'node:assert/strict'
import { it } from 'node:test'
import { connectClient } from '../testing.ts'
import { startServer } from './testing.ts'

const ids = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id)

it('feeds an ephemeral client thousands of events with automatic acknowledgement', async () => {
  await using at = await startServer()
  const query =
    'namespace=default&ephemeral&autoack&filter.events=message_(confirmed|rejected)&filter.message.tag=run1&readahead=100'
  await using client = await connectClient(`${at.url}/ws?${query}`)
  await at.started(1)
  const sent: string[] = []
  for (let i = 0; i < 30; i++) {
    sent.push(...ids(await at.node.confirm(200, { tag: 'run1' })))
    await at.node.confirm(3, { tag: 'other' })
  }
  assert.deepEqual(ids(await client.take(sent.length)), sent)
})

it('holds back what is beyond the read-ahead until something is acknowledged', async () => {
  await using at = await startServer()
  await at.create('sub1', { readAhead: 2 })
  const rows = await at.node.confirm(10)
  await using client = await connectClient(`${at.url}/default?name=sub1`)
  const first = await client.take(3)
  await client.ping()
  assert.equal(client.received.length, 0)
  const [, second] = first
  if (second) client.ack(second)
  const [fourth] = await client.take(1)
  assert.equal(fourth?.id, rows[3]?.id)
  const [subscription] = await at.database.read.selectFrom('subscriptions').selectAll().execute()
  const offset = await at.node.subscribers.subscriptions.offset(subscription?.id ?? '')
  assert.equal(offset, (rows[0]?.seq ?? 0) - 1, 'the first is still in flight')
})

it('takes acknowledgements without an id as for the oldest', async () => {
  await using at = await startServer()
  const { id } = await at.create('sub1', { readAhead: 5 })
  const rows = await at.node.confirm(3)
  await using client = await connectClient(`${at.url}/default?name=sub1`)
  await client.take(3)
  for (let i = 0; i < 3; i++) client.send({ type: 'ack' })
  await client.ping()
  assert.equal(await at.node.subscribers.subscriptions.offset(id), rows.at(-1)?.seq)
})

it('delivers batches, full or after the time limit', async () => {
  await using at = await startServer()
  await at.create('sub1', { batch: true, readAhead: 4, batchTimeout: '10ms' })
  const rows = await at.node.confirm(6)
  await using client = await connectClient(`${at.url}/default?name=sub1`)
  const full = await client.next()
  assert.equal(full.type, 'event_batch')
  assert.deepEqual(ids(full.events ?? []), ids(rows.slice(0, 4)))
  assert.equal(full.events?.[0]?.subscription.name, 'sub1')
  client.ack(full)
  const rest = await client.next()
  assert.deepEqual(ids(rest.events ?? []), ids(rows.slice(4)))
})

it('serves one connection at a time; the next takes over what was not acknowledged', async () => {
  await using at = await startServer()
  await at.create('sub1', { readAhead: 9 })
  const rows = await at.node.confirm(4)
  const first = await connectClient(`${at.url}/default?name=sub1`)
  const taken = await first.take(4)
  await using second = await connectClient(`${at.url}/default?name=sub1`)
  await second.ping()
  assert.equal(second.received.length, 0)
  for (const frame of taken.slice(0, 2)) first.ack(frame)
  await first.ping()
  await first[Symbol.asyncDispose]()
  assert.deepEqual(ids(await second.take(2)), ids(rows.slice(2)))
})

it('begins a durable start when its subscription is created, and again after it was removed', async () => {
  await using at = await startServer()
  await using client = await connectClient(`${at.url}/default?name=later&autoack`)
  await at.started(1)
  const [row] = await at.node.confirm(1)
  const { id } = await at.create('later')
  assert.equal((await client.next()).id, row?.id)
  await at.node.subscribers.subscriptions.remove(id)
  await at.node.confirm(1)
  await client.ping()
  assert.equal(client.received.length, 0)
  const again = await at.create('later', { firstEvent: 'newest' })
  const [next] = await at.node.confirm(1)
  const frame = await client.next()
  assert.deepEqual([frame.id, frame.subscription.id], [next?.id, again.id])
})

it('goes on from its position when filter or options are replaced', async () => {
  await using at = await startServer()
  await at.create('sub1')
  await using client = await connectClient(`${at.url}/default?name=sub1&autoack`)
  const [first] = await at.node.confirm(1, { tag: 'a' })
  assert.equal((await client.next()).id, first?.id)
  const filter = { message: { tag: 'b' } }
  await at.node.subscribers.subscriptions.upsert({ name: 'sub1', filter })
  await at.node.confirm(1, { tag: 'a' })
  const [third] = await at.node.confirm(1, { tag: 'b' })
  assert.equal((await client.next()).id, third?.id)
})

it('keeps little in memory for a client that does not read', async () => {
  await using at = await startServer({ highWater: 64 * 1024 })
  await using client = await connectClient(`${at.url}/default?ephemeral&autoack&readahead=1000`)
  await at.started(1)
  client.socket.pause()
  const rows = []
  for (let i = 0; i < 60; i++) rows.push(...(await at.node.confirm(200, { tag: 'x'.repeat(500) })))
  assert.ok(at.server.buffered() < 256 * 1024)
  client.socket.resume()
  assert.deepEqual(ids(await client.take(rows.length)), ids(rows))
})
