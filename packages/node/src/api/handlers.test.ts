import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Insertable } from 'kysely'
import type { Database, Transaction } from '../store/database.ts'
import type { MessageRow, Tables } from '../store/schema.ts'
import type { ApiServer } from './server.ts'
import {
  CREATED,
  createTestNamespace,
  createTestServer,
  HASH,
  openTestDatabase,
} from './testing.ts'

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const second = (n: number): string => `2024-01-01T00:00:${String(n).padStart(2, '0')}.000000000Z`
const namespace = 'default'

const message = (n: number, row: Partial<MessageRow> = {}): MessageRow => ({
  seq: n,
  namespace,
  id: uuid(n),
  type: 'broadcast',
  txtype: 'batch_pin',
  cid: null,
  author: 'did:firefly:org/acme',
  key: '0x1',
  created: second(n),
  networkNamespace: 'net',
  groupHash: null,
  topics: 'a,b',
  tag: null,
  datahash: HASH,
  txparentType: null,
  txparentId: null,
  hash: HASH,
  batch: null,
  tx: null,
  state: 'confirmed',
  confirmed: second(n + 1),
  rejectReason: null,
  pins: null,
  idempotencyKey: null,
  dataRefs: '[]',
  size: 1024,
  ...row,
})

const data = (n: number, value: string, blobPath: string | null = null): Tables['data'] => ({
  seq: n,
  namespace,
  id: uuid(n),
  validator: 'json',
  datatypeName: null,
  datatypeVersion: null,
  hash: HASH,
  created: CREATED,
  value,
  public: null,
  blobHash: blobPath && HASH,
  blobPublic: null,
  blobName: blobPath && `${blobPath}/file`,
  blobPath,
  blobSize: blobPath === null ? null : 3,
})

const identity = (n: number, type: 'org' | 'node', name: string): Tables['identities'] => ({
  seq: n,
  namespace,
  id: uuid(n),
  did: `did:firefly:${type}/${name}`,
  type,
  parent: null,
  name,
  description: null,
  profile: null,
  claimMessage: uuid(1),
  verificationMessage: null,
  updateMessage: null,
  created: CREATED,
  updated: CREATED,
})

async function seed(tx: Transaction): Promise<void> {
  const add = <T extends keyof Tables>(table: T, rows: readonly Insertable<Tables[T]>[]) =>
    tx.insertMany(table, rows)
  await add('messages', [
    message(1, { dataRefs: JSON.stringify([{ id: uuid(11), hash: HASH }]), batch: uuid(21) }),
    message(2, { tag: 'x%y' }),
    message(3, { type: 'private', groupHash: HASH, state: 'pending', confirmed: null }),
  ])
  await add('messageData', [{ namespace, dataId: uuid(11), messageId: uuid(1) }])
  await add('data', [
    data(11, '{"n":1.0}'),
    data(12, '"x"', '/a/b'),
    data(13, '"y"', '/a/c/d'),
    data(14, '"z"', '/ab'),
  ])
  await add('batches', [
    {
      seq: 21,
      namespace,
      id: uuid(21),
      type: 'broadcast',
      author: 'did:firefly:org/acme',
      key: '0x1',
      groupHash: null,
      node: null,
      created: CREATED,
      hash: HASH,
      manifest: '{"version":1}',
      payloadRef: 'ref',
      txType: 'batch_pin',
      txId: uuid(31),
      confirmed: second(9),
      state: 'sent',
    },
  ])
  await add('transactions', [
    {
      seq: 31,
      namespace,
      id: uuid(31),
      type: 'batch_pin',
      created: CREATED,
      idempotencyKey: null,
      blockchainIds: '0xaa,0xbb',
    },
  ])
  await add('operations', [
    {
      seq: 41,
      namespace,
      id: uuid(41),
      tx: uuid(31),
      type: 'blockchain_pin_batch',
      status: 'Succeeded',
      plugin: 'evm',
      input: '{"batch":1.0}',
      output: null,
      error: null,
      created: CREATED,
      updated: second(5),
      retry: null,
    },
  ])
  await seedIdentities(add)
}

type Add = <T extends keyof Tables>(
  table: T,
  rows: readonly Insertable<Tables[T]>[],
) => Promise<number>

async function seedIdentities(add: Add): Promise<void> {
  await add('identities', [identity(51, 'org', 'acme'), identity(52, 'node', 'acme-1')])
  await add('verifiers', [
    {
      seq: 61,
      namespace,
      hash: HASH,
      identity: uuid(51),
      type: 'ethereum_address',
      value: '0x1',
      created: CREATED,
      position: 1,
    },
  ])
  await add(
    'events',
    [1, 2, 3].map((n) => ({
      seq: n,
      namespace,
      id: uuid(70 + n),
      type: 'message_confirmed',
      reference: uuid(n),
      correlator: null,
      tx: null,
      topic: 'a',
      created: second(n),
    })),
  )
  await add('subscriptions', [
    {
      seq: 81,
      namespace,
      id: uuid(81),
      name: 'sub',
      transport: 'webhooks',
      filter: '{"message":{"tag":"^x"}}',
      options: '{"secret":"hidden","readAhead":1}',
      created: CREATED,
      updated: CREATED,
    },
  ])
}

let database: Database
let server: ApiServer
before(async () => {
  database = await openTestDatabase()
  await database.transaction(seed)
  server = await createTestServer([createTestNamespace(database)])
})
after(async () => {
  await server[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const text = async (url: string): Promise<string> => {
  const reply = await server.app.inject(`/api/v1${url}`)
  assert.equal(reply.statusCode, 200, reply.body)
  return reply.body
}
const get = async (url: string) => JSON.parse(await text(url))
const ids = async (url: string): Promise<string[]> =>
  (await get(url)).map((item: { id?: string; header?: { id: string } }) =>
    Number((item.header?.id ?? item.id ?? '').slice(-2)),
  )

test('messages: newest first, filtered, counted', async () => {
  assert.deepEqual(await ids('/messages'), [3, 2, 1])
  assert.deepEqual(await ids('/messages?sort=created'), [1, 2, 3])
  assert.deepEqual(await ids('/messages?type=private&type=broadcast&limit=1&skip=1'), [2])
  assert.deepEqual(await ids('/messages?tag=!'), [2])
  assert.deepEqual(await ids('/messages?tag=^x%25'), [2])
  assert.deepEqual(await ids('/messages?confirmed=?'), [3])
  assert.deepEqual(await ids('/messages?created=>=1704067202'), [3, 2])
  const page = await get('/messages?count&limit=2')
  assert.deepEqual([page.count, page.total, page.items.length], [2, 3, 2])
})

test('a message is as it was sent, with its data when asked', async () => {
  const one = await get(`/messages/${uuid(1)}`)
  assert.deepEqual(one.header.topics, ['a', 'b'])
  assert.equal(one.header.namespace, 'net')
  assert.equal(one.confirmed, '2024-01-01T00:00:02Z')
  assert.match(await text(`/messages/${uuid(1)}?fetchdata`), /"value":\{"n":1\.0\}/)
  assert.match(await text('/messages?fetchdata&limit=25'), /"value":\{"n":1\.0\}/)
  assert.match(await text(`/messages/${uuid(1)}/data`), /^\[\{.*"value":\{"n":1\.0\}\}\]$/)
})

test('from data to messages, from messages to transactions', async () => {
  assert.deepEqual(await ids(`/data/${uuid(11)}/messages`), [1])
  assert.equal(await text(`/data/${uuid(11)}/value`), '{"n":1.0}')
  assert.deepEqual(await ids(`/messages/${uuid(1)}/events`), [71])
  const tx = await get(`/messages/${uuid(1)}/transaction`)
  assert.deepEqual([tx.id, tx.blockchainIds], [uuid(31), ['0xaa', '0xbb']])
})

test('folders of blobs', async () => {
  assert.deepEqual(await get('/datasubpaths/a'), ['/a/b', '/a/c'])
  assert.deepEqual(await get('/datasubpaths/a/c'), ['/a/c/d'])
})

test('how far a transaction is', async () => {
  const { status, details } = await get(`/transactions/${uuid(31)}/status`)
  assert.equal(status, 'Pending')
  assert.deepEqual(
    details.map((detail: { type: string; status: string }) => `${detail.type} ${detail.status}`),
    ['BlockchainEvent Pending', 'Batch Succeeded', 'Operation Succeeded'],
  )
  assert.match(await text(`/transactions/${uuid(31)}/operations`), /"input":\{"batch":1\.0\}/)
  assert.deepEqual(await get(`/transactions/${uuid(31)}/blockchainevents`), [])
})

test('events with what they refer to', async () => {
  const events = await get('/events?fetchreferences')
  assert.deepEqual(
    events.map((event: { message: { header: { id: string } } }) => event.message.header.id),
    [uuid(3), uuid(2), uuid(1)],
  )
  const one = await get(`/events/${uuid(71)}?fetchreference=true`)
  assert.equal(one.message.header.id, uuid(1))
  assert.equal((await get(`/events/${uuid(71)}`)).message, undefined)
})

test('a subscription: no secret, a status, the past events it lets through', async () => {
  const path = `/subscriptions/${uuid(81)}`
  const one = await get(`${path}?fetchstatus`)
  assert.deepEqual([one.options, one.status], [{ readAhead: 1 }, { currentOffset: 7 }])
  assert.doesNotMatch(await text('/subscriptions'), /hidden/)
  assert.deepEqual(await ids(`${path}/events?startsequence=1&endsequence=3`), [72])
  const wide = await server.app.inject(`/api/v1${path}/events?startsequence=1&endsequence=3000`)
  assert.match(wide.body, /FF10463/)
})

test('identities by id, DID and name, with keys and documents', async () => {
  assert.deepEqual(await ids('/network/organizations'), [51])
  assert.deepEqual(await ids('/network/nodes'), [52])
  for (const name of ['acme', uuid(51), 'did:firefly:org/acme', 'did:firefly:org%2Facme'])
    assert.equal((await get(`/network/organizations/${name}`)).id, uuid(51), name)
  for (const path of ['/identities', '/network/identities'])
    assert.equal((await get(`${path}/did:firefly:node/acme-1`)).id, uuid(52))
  const [, org] = await get('/identities?fetchverifiers')
  assert.deepEqual(org.verifiers, [{ type: 'ethereum_address', value: '0x1' }])
  const document = await get('/network/diddocs/did:firefly:org/acme')
  assert.deepEqual(document, await get(`/identities/${uuid(51)}/did`))
  assert.deepEqual(document.authentication, [`#${HASH}`])
  assert.equal(document.verificationMethod[0].blockchainAcountId, '0x1')
  assert.equal((await get(`/identities/${uuid(51)}/verifiers`)).length, 1)
  assert.equal((await get(`/verifiers/${HASH}`)).value, '0x1')
})

test('charts count by time and type', async () => {
  const range = 'startTime=2024-01-01T00:00:00Z&endTime=2024-01-01T00:00:04Z&buckets=2'
  assert.deepEqual(await get(`/charts/histogram/messages?${range}`), [
    {
      count: '1',
      timestamp: '2024-01-01T00:00:00Z',
      isCapped: false,
      types: [{ type: 'broadcast', count: '1' }],
    },
    {
      count: '2',
      timestamp: '2024-01-01T00:00:02Z',
      isCapped: false,
      types: [
        { type: 'broadcast', count: '1' },
        { type: 'private', count: '1' },
      ],
    },
  ])
  for (const collection of ['batches', 'blockchainevents', 'data', 'datatypes', 'events', 'groups'])
    assert.equal((await get(`/charts/histogram/${collection}?${range}`)).length, 2)
  for (const collection of ['identities', 'operations', 'pins', 'subscriptions', 'transactions'])
    assert.equal((await get(`/charts/histogram/${collection}?${range}`)).length, 2)
  assert.equal((await get(`/charts/histogram/verifiers?${range}`)).length, 2)
})

test('namespaces are a plain array even with count', async () => {
  const all = await get('/namespaces?count')
  assert.deepEqual(all, [
    { name: 'default', networkName: 'default', description: '', created: '2024-01-01T00:00:00Z' },
  ])
})
