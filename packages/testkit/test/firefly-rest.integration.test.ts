import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startNetwork } from '../src/network.ts'
import { createRest, space } from './support/rest.ts'

const network = await startNetwork({ parties: ['alice', 'bob'] })
const alice = network.party('alice')
const bob = network.party('bob')
after(() => network[Symbol.asyncDispose]())

const unknownId = '01a209f7-cd4e-7000-a2a9-5fc408c1fa5f'

const { call, get } = createRest(alice)
const list = <T = Record<string, unknown>>(path: string): Promise<T[]> => get<T[]>(path)
const toBob = { members: [{ identity: 'bob' }] }

interface Sent {
  readonly header: { readonly id: string; readonly group?: string; readonly created: string }
  readonly txid: string
  readonly batch: string
  readonly data: readonly { readonly id: string }[]
  readonly state: string
}
let broadcast: Sent
let whisper: Sent

before(async () => {
  broadcast = await alice.post<Sent>('messages/broadcast?confirm', {
    header: { tag: 'loud', topics: ['one', 'two'] },
    data: [{ value: { n: 1 } }, { value: 'two' }],
  })
  whisper = await alice.post<Sent>('messages/private?confirm=true', {
    header: { tag: 'quiet' },
    group: toBob,
    data: [{ value: 'three' }],
  })
})

test('double slashes, empty query parts and numbers that are none are taken', async () => {
  assert.equal((await list('/network//nodes')).length, 2)
  assert.equal((await list('messages?skip=0$&&limit=abc&')).length > 2, true)
  assert.deepEqual((await call('GET', '/api/v1//websockets')).body, {
    enabled: true,
    connections: [],
  })
  assert.equal((await call('GET', '/api/v1/status')).status, 200)
  assert.equal((await call('GET', `${space}/status/`)).status, 200)
})

test('counts come with their items, except for namespaces', async () => {
  const counted = await get<{ count: number; total: number; items: unknown[] }>(
    'messages?count&limit=1',
  )
  assert.equal(counted.count, 1)
  assert.equal(counted.items.length, 1)
  assert.ok(counted.total > 5)
  const namespaces = await call('GET', '/api/v1/namespaces?count')
  assert.deepEqual(
    (namespaces.body as { name: string }[]).map(({ name }) => name),
    ['default'],
  )
})

test('filters compare times, nothing, prefixes, several values, and sort', async () => {
  const now = Math.floor(Date.parse(broadcast.header.created) / 1000)
  assert.ok((await list(`messages?created=>=${now}`)).length >= 2)
  assert.equal((await list(`messages?created=>${now + 3600}`)).length, 0)
  const ids = async (query: string) =>
    (await list<Sent>(`messages?type=broadcast&type=private&${query}`)).map(
      ({ header }) => header.id,
    )
  assert.deepEqual(await ids('tag=^lou'), [broadcast.header.id])
  assert.deepEqual(await ids('tag=!loud'), [whisper.header.id])
  assert.deepEqual(await ids('tag=loud&tag=quiet&sort=created'), [
    broadcast.header.id,
    whisper.header.id,
  ])
  assert.deepEqual(await ids('tag=!'), [whisper.header.id, broadcast.header.id])
  assert.deepEqual(await ids('group=!?'), [whisper.header.id])
  assert.deepEqual(await ids(`topics=@two`), [broadcast.header.id])
  assert.deepEqual(await ids('skip=1&limit=1'), [broadcast.header.id])
})

test('a message is shown with its data, events and transaction', async () => {
  const { header, txid, data } = broadcast
  const whole = await get<{ data: { value: unknown }[] }>(`messages/${header.id}?fetchdata`)
  assert.deepEqual(
    whole.data.map(({ value }) => value),
    [{ n: 1 }, 'two'],
  )
  assert.equal((await list(`messages/${header.id}/data`)).length, 2)
  const events = await list<{ topic: string; type: string; reference: string }>(
    `messages/${header.id}/events`,
  )
  assert.deepEqual(events.map(({ topic }) => topic).sort(), ['one', 'two'])
  assert.ok(events.every(({ reference }) => reference === header.id))
  assert.equal((await get<{ id: string }>(`messages/${header.id}/transaction`)).id, txid)
  const [first] = data
  assert.deepEqual(
    (await list<Sent>(`data/${first?.id}/messages`)).map(({ header: { id } }) => id),
    [header.id],
  )
  assert.deepEqual(await get(`data/${first?.id}/value`), { n: 1 })
})

test('a transaction is shown with its operations, chain events and status', async () => {
  const { txid, batch } = whisper
  await alice.until(
    async () =>
      (await alice.get<{ status: string }>(`transactions/${txid}/status`)).status === 'Succeeded',
    'the transaction',
  )
  const transaction = await get<{ type: string; blockchainIds: string[] }>(`transactions/${txid}`)
  assert.equal(transaction.type, 'batch_pin')
  assert.match(transaction.blockchainIds[0] ?? '', /^0x[0-9a-f]{64}$/)
  const operations = await list<{ type: string; status: string }>(`transactions/${txid}/operations`)
  assert.deepEqual(operations.map(({ type, status }) => [type, status]).sort(), [
    ['blockchain_pin_batch', 'Succeeded'],
    ['dataexchange_send_batch', 'Succeeded'],
  ])
  const [event] = await list<{ id: string; name: string; protocolId: string }>(
    `transactions/${txid}/blockchainevents`,
  )
  assert.equal(event?.name, 'BatchPin')
  assert.equal((await get<{ id: string }>(`blockchainevents/${event?.id}`)).id, event?.id)
  const status = await get<{ status: string; details: object[] }>(`transactions/${txid}/status`)
  assert.equal(status.status, 'Succeeded')
  assert.ok(status.details.length >= 3)
  const found = await get<{ author: string; key: string; type: string }>(`batches/${batch}`)
  assert.deepEqual([found.author, found.key, found.type], [alice.did, alice.key, 'private'])
  const pins = await list<{ batch: string; masked: boolean; dispatched: boolean }>(
    `pins?batch=${batch}`,
  )
  assert.deepEqual(
    pins.map(({ masked, dispatched }) => [masked, dispatched]),
    // The announcement of the group may share the batch.
    pins.map(() => [true, true]),
  )
  assert.ok(pins.length >= 1)
  assert.ok((await list('nextpins')).length >= 2)
})

test('events are shown with what they refer to', async () => {
  for (const flag of ['fetchreference', 'fetchreferences']) {
    const [event] = await list<{ id: string; message: Sent }>(
      `events?reference=${whisper.header.id}&type=message_confirmed&${flag}`,
    )
    assert.equal(event?.message.header.id, whisper.header.id)
    const one = await get<{ message: Sent }>(`events/${event?.id}?${flag}`)
    assert.equal(one.message.header.id, whisper.header.id)
  }
  const submitted = await list<{ transaction: { id: string } }>(
    `events?type=transaction_submitted&reference=${broadcast.txid}&fetchreferences`,
  )
  assert.equal(submitted[0]?.transaction.id, broadcast.txid)
})

test('charts count by slices of time', async () => {
  const start = new Date(Date.parse(broadcast.header.created) - 60_000).toISOString()
  const end = new Date(Date.parse(broadcast.header.created) + 60_000).toISOString()
  const query = `startTime=${start}&endTime=${end}&buckets=4`
  for (const collection of [
    'messages',
    'events',
    'transactions',
    'operations',
    'blockchainevents',
  ]) {
    const bars = await list<{ count: string; types: { type: string }[] }>(
      `charts/histogram/${collection}?${query}`,
    )
    assert.equal(bars.length, 4)
    assert.ok(bars.reduce((sum, { count }) => sum + Number(count), 0) > 0, collection)
  }
})

test('the batch manager and the membership tell how they are', async () => {
  const { processors } = await get<{ processors: { dispatcher: string; name: string }[] }>(
    'status/batchmanager',
  )
  assert.ok(processors.length >= 2)
  const status = await get<{ org: object; node: object; contracts: { active: object } }>(
    'status/multiparty',
  )
  assert.deepEqual([status.org, status.node], [{ status: 'registered' }, { status: 'registered' }])
  assert.deepEqual(await list('blocked'), [])
})

test('what is not there is 404 with a code, wherever it is looked for', async () => {
  for (const path of [
    `messages/${unknownId}`,
    `data/${unknownId}`,
    `data/${unknownId}/blob`,
    `batches/${unknownId}`,
    `operations/${unknownId}`,
    `transactions/${unknownId}`,
    `events/${unknownId}`,
    `subscriptions/${unknownId}`,
    `identities/${unknownId}`,
    `groups/${'ab'.repeat(32)}`,
    `verifiers/${'ab'.repeat(32)}`,
    'network/nodes/nowhere',
    'network/diddocs/did:firefly:org/nobody',
    'nothing/of/the/kind',
    '../elsewhere/messages',
  ]) {
    const { status, body } = await call('GET', `${space}/${path}`)
    assert.equal(status, 404, path)
    assert.match((body as { error: string }).error, /^FF\d{5}: /, path)
  }
})

test('tokens and contracts say that they are not here', async () => {
  for (const path of ['tokens/pools', 'contracts/interfaces', 'apis']) {
    const { status, body } = await call('GET', `${space}/${path}`)
    assert.equal(status, 400, path)
    assert.match((body as { error: string }).error, /^CC20004: /, path)
  }
})

test('the same data refers to itself, not to a copy, in two messages', async () => {
  const data = await alice.post<{ id: string }>('data', { value: 'shared' })
  const sent = [
    await alice.post<Sent>('messages/broadcast?confirm', { data: [{ id: data.id }] }),
    await alice.post<Sent>('messages/broadcast?confirm', { data: [{ id: data.id }] }),
  ]
  const at = async (party: typeof alice) =>
    (await party.get<Sent[]>(`data/${data.id}/messages?sort=created`)).map(
      ({ header }) => header.id,
    )
  const ids = sent.map(({ header }) => header.id)
  assert.deepEqual(await at(alice), ids)
  await bob.until(async () => (await at(bob)).length === 2, 'both messages')
  assert.deepEqual(await at(bob), ids)
  const twice = await call('POST', `${space}/messages/broadcast`, {
    data: [{ id: data.id }, { id: data.id }],
  })
  assert.equal(twice.status, 400)
})

test('big and odd JSON comes out as it went in', async () => {
  const text = '{"big":12345678901234567890,"exact":1.10,"text":"<é & \\u2028>","deep":[[[[1]]]]}'
  const { body } = await call(
    'POST',
    `${space}/messages/broadcast?confirm`,
    `{"data":[{"value":${text}}]}`,
  )
  const { header, data } = body as Sent
  await bob.until(
    async () => (await bob.get<Sent>(`messages/${header.id}`)).state === 'confirmed',
    'the message',
  )
  const response = await fetch(`${bob.url}${space}/data/${data[0]?.id}/value`)
  const received = await response.text()
  assert.match(received, /12345678901234567890/)
  assert.match(received, /1\.10/)
  assert.equal((JSON.parse(received) as { text: string }).text, '<é & \u2028>')
})
