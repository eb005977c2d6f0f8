import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApiError, type Client, createClient } from '@concordat/sdk'
import { type Network, startNetwork } from '../src/index.ts'

let network: Network
let a: Client
let b: Client

before(async () => {
  network = await startNetwork({ parties: ['a', 'b'] })
  a = createClient(network.party('a').url)
  b = createClient(`${network.party('b').url}/`)
})
after(() => network[Symbol.asyncDispose]())

const send = (value: unknown, topic = 't') =>
  a.api.postNewMessageBroadcast({
    query: { confirm: true },
    body: { header: { topics: [topic] }, data: [{ value: value as object }] },
  })

test('each operation has its function, typed by its route', async () => {
  const status = await a.api.getStatus()
  assert.equal(status.org?.name, 'a')
  const sent = await send({ n: 1 })
  assert.equal(sent.state, 'confirmed')
  const found = await a.api.getMsgByID({
    params: { msgid: sent.header.id },
    query: { fetchdata: true },
  })
  assert.deepEqual(found.data[0]?.value, { n: 1 })
  const org = await b.api.getIdentityByDID({ params: { did: 'did:firefly:org/a' } })
  assert.equal(org.name, 'a')
})

test('a list comes with its total, filtered', async () => {
  for (const n of [1, 2, 3]) await send(n, 'counted')
  const { getMsgs } = await import('@concordat/protocol/routes')
  const page = await a.page(getMsgs, { query: { topics: 'counted', limit: 2 } })
  assert.deepEqual([page.count, page.total, page.items.length], [2, 3, 2])
  assert.equal(page.items[0]?.header.topics[0], 'counted')
  const some = await a.call(getMsgs, { query: { id: page.items.map(({ header }) => header.id) } })
  assert.equal(some.length, 2)
})

test('a refusal has status, code and details', async () => {
  const missing = a.api.getMsgByID({ params: { msgid: '00000000-0000-4000-8000-000000000000' } })
  await assert.rejects(missing, (error) => {
    assert(error instanceof ApiError)
    assert.deepEqual([error.status, error.code, error.retryable], [404, 'FF10143', false])
    return true
  })
  const nowhere = createClient(network.party('a').url, { namespace: 'none' })
  await assert.rejects(nowhere.api.getStatus(), { status: 404, code: 'FF10436' })
  await assert.rejects(a.api.getMsgByID({ params: { msgid: '' } }), TypeError)
})

test('a blob goes up and down', async () => {
  const content = new Uint8Array(300_000).fill(7)
  const data = await a.upload(new Blob([content]), { filename: 'seven.bin', autometa: true })
  assert.deepEqual([data.blob?.name, data.blob?.size], ['seven.bin', 300_000])
  const bytes = await a.api.getDataBlob({ params: { dataid: data.id } })
  assert.deepEqual(bytes, content)
})

test('events come in order; one that was not acknowledged comes again', async () => {
  await b.api.putSubscription({
    body: {
      name: 'letters',
      transport: 'websockets',
      filter: { events: 'message_confirmed', topic: '^letters$' },
      options: { firstEvent: 'newest' },
    },
  })
  const sent: string[] = []
  for (const n of [1, 2, 3]) sent.push((await send(n, 'letters')).header.id)

  const first: string[] = []
  for await (const event of b.events({ name: 'letters' })) {
    first.push(event.reference)
    if (first.length === 2) break
  }
  assert.deepEqual(first, sent.slice(0, 2))

  const rest: string[] = []
  await using stream = b.events({ name: 'letters' })
  for await (const event of stream) {
    rest.push(event.reference)
    if (rest.length === 2) {
      stream.acknowledge()
      break
    }
  }
  assert.deepEqual(rest, sent.slice(1))
})

test('a stream outlives its node, and nobody hears anything twice', async () => {
  await b.api.putSubscription({
    body: {
      name: 'steady',
      transport: 'websockets',
      filter: { events: 'message_confirmed', topic: '^steady$' },
      options: { firstEvent: 'newest', batch: true, batchTimeout: '10ms', readAhead: 10 },
    },
  })
  const sent: string[] = []
  for (const n of [1, 2]) sent.push((await send(n, 'steady')).header.id)
  const party = network.party('b')
  const heard: string[] = []
  for await (const event of b.events({ name: 'steady' })) {
    heard.push(event.reference)
    if (heard.length === 1) {
      // While the first is being handled the connection breaks: its acknowledgement is lost.
      await party.stop()
      await party.start()
      for (const n of [3, 4]) sent.push((await send(n, 'steady')).header.id)
    }
    if (heard.length === 4) break
  }
  assert.deepEqual(heard, sent)
})

test('a stream ends with its signal, and fails when it is refused', async () => {
  const stop = new AbortController()
  const silent = b.events({ ephemeral: true, filter: { events: 'none' }, signal: stop.signal })
  const next = silent.next()
  stop.abort()
  assert.deepEqual(await next, { done: true, value: undefined })
  const wrong = b.events({ ephemeral: true, filter: { events: '(' } })
  await assert.rejects(wrong.next(), (error) => {
    assert(error instanceof ApiError)
    assert.match(error.code, /^FF\d{5}$/)
    return true
  })
  const elsewhere = createClient(network.party('b').url, { namespace: 'none' })
  await assert.rejects(elsewhere.events({ name: 'letters' }).next(), { name: 'ApiError' })
})
