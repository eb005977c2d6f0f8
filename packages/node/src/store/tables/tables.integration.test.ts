import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Data, type Group, type Message, RawJson } from '@concordat/protocol'
import { sql } from 'kysely'
import { parseFilter } from '../filter.ts'
import { forEachDialect, type TestDatabase } from '../testing.ts'
import { rowToBatch } from './batches.ts'
import { rowToBlockchainEvent } from './blockchain-events.ts'
import { dataFields, dataToRow, getData, listData } from './data.ts'
import { getDatatypeByName, rowToDatatype } from './datatypes.ts'
import { eventFields, listEvents } from './events.ts'
import { getGroup, groupToRow } from './groups.ts'
import { getIdentityByDid } from './identities.ts'
import { getMessage, listMessages, messageFields, messageToRow } from './messages.ts'
import { rowToOperation } from './operations.ts'
import { listPins, pinFields, rowToPin } from './pins.ts'
import { getSubscriptionByName } from './subscriptions.ts'
import { rowToTransaction } from './transactions.ts'

type Create = () => Promise<TestDatabase>

const namespace = 'local'
const hash = 'b5b0c398450707b885f5973248ffa9a542f4c2f54860eba6c2d7aee48d0f9109'
const id = (n: number): string => `0193a1b2-0000-7000-8000-${String(n).padStart(12, '0')}`
const created = '2024-01-01T00:00:00.120000000Z'
const sent = '2024-01-01T00:00:00.12Z'

const full: Message = {
  header: {
    id: id(1),
    cid: id(2),
    type: 'private',
    txtype: 'batch_pin',
    author: 'did:firefly:org/org_0',
    key: '0x7e3bb2198959d3a1c3ede9db1587560320ce8998',
    created: '2021-05-04T04:55:03.123456789Z',
    namespace: 'network',
    group: hash,
    topics: ['a', 'b'],
    tag: 'tag1',
    datahash: hash,
    txparent: { type: 'token_transfer', id: id(3) },
  },
  localNamespace: namespace,
  hash,
  batch: id(4),
  txid: id(5),
  state: 'rejected',
  confirmed: sent,
  rejectReason: 'FF10403: no',
  data: [
    { id: id(6), hash },
    { id: id(7), hash },
  ],
  pins: [`${hash}:0000000000000001`, `${hash}:0000000000000002`],
  idempotencyKey: 'once',
}
const bare: Message = {
  header: {
    id: id(8),
    type: 'broadcast',
    author: 'did:firefly:org/org_0',
    key: '0x7e',
    created: '2024-01-01T00:00:00Z',
    namespace: 'network',
    topics: ['a'],
    datahash: hash,
  },
  localNamespace: namespace,
  hash,
  state: 'ready',
  data: [],
}

function messages(create: Create): void {
  test('messages come back as they were, field for field in the order of the wire', async () => {
    await using database = await (await create()).open()
    await database.transaction((tx) =>
      tx.insertMany('messages', [
        messageToRow(full, { seq: 1, namespace, size: 1024 }),
        messageToRow(bare, { seq: 2, namespace, size: 1024 }),
      ]),
    )
    for (const message of [full, bare]) {
      const found = await getMessage(database.read, namespace, message.header.id)
      assert.equal(JSON.stringify(found), JSON.stringify(message))
    }
    assert.equal(await getMessage(database.read, 'other', id(1)), undefined)
    const found = async (query: string) => {
      const filter = parseFilter(messageFields, new URLSearchParams(query))
      const { items } = await listMessages(database.read, namespace, filter)
      return items.map(({ header }) => header.id)
    }
    assert.deepEqual(await found(''), [id(8), id(1)])
    assert.deepEqual(await found('tag=!tag1'), [id(8)])
    assert.deepEqual(await found('confirmed=<1704067201&topics=a,b&txparent.type=^token'), [id(1)])
    const filter = parseFilter(messageFields, { count: '', limit: '1' })
    const page = await listMessages(database.read, namespace, filter, (eb) =>
      eb('type', '=', 'broadcast'),
    )
    assert.deepEqual([page.total, page.items.length], [1, 1])
  })
}

function dataItems(create: Create): void {
  test('data come back as they were, number text included', async () => {
    await using database = await (await create()).open()
    const items: Data[] = [
      {
        id: id(1),
        validator: 'json',
        namespace,
        hash,
        created: sent,
        datatype: { name: 'widget', version: '1' },
        value: new RawJson('{"b":1.0,"a":[1e2,-0],"a":12345678901234567890}'),
        public: 'ref',
        blob: { hash, size: 2 ** 40, name: '/a/b.pdf', path: '/a', public: 'blobref' },
      },
      { id: id(2), validator: 'none', namespace, hash, created: sent },
    ]
    await database.transaction((tx) =>
      tx.insertMany(
        'data',
        items.map((item, i) => dataToRow(item, { seq: i + 1, namespace })),
      ),
    )
    for (const item of items) {
      const found = await getData(database.read, namespace, item.id)
      assert.deepEqual(found, item)
      assert.deepEqual(Object.keys(found ?? {}), Object.keys(item))
    }
    const filter = parseFilter(dataFields, { 'blob.size': '>=1099511627776', value: '@1.0' })
    const { items: found } = await listData(database.read, namespace, filter)
    assert.deepEqual(found, [items[0]])
  })
}

function groupsAndIdentities(create: Create): void {
  test('groups, identities, subscriptions and datatypes are found by their names', async () => {
    await using database = await (await create()).open()
    const group: Group = {
      namespace: 'network',
      name: '',
      members: [{ identity: 'did:firefly:org/a', node: id(1) }],
      localNamespace: namespace,
      message: id(2),
      hash,
      created: sent,
    }
    const identity = {
      ...{ seq: 1, namespace, id: id(3), did: 'did:firefly:org/a', type: 'org', parent: null },
      ...{ name: 'a', description: null, profile: '{"x":1}', claimMessage: id(4) },
      ...{ verificationMessage: null, updateMessage: null, created, updated: created },
    }
    const datatype = {
      ...{ seq: 1, namespace, id: id(5), message: null, validator: 'json', name: 'widget' },
      ...{ version: '1', hash, created, value: '{"x":1.0}', position: 1 },
    }
    await database.transaction(async (tx) => {
      await tx.insertMany('groups', [groupToRow(group, { seq: 1, namespace, created })])
      await tx.insertMany('identities', [identity])
      await tx.insertMany('datatypes', [datatype])
      await tx.insertMany('subscriptions', [
        {
          ...{ seq: 1, namespace, id: id(6), name: 'sub', transport: 'websockets' },
          ...{ filter: '{"events":"x"}', options: '{}', created, updated: created },
        },
      ])
    })
    const { read } = database
    assert.equal(JSON.stringify(await getGroup(read, namespace, hash)), JSON.stringify(group))
    const found = await getIdentityByDid(read, namespace, 'did:firefly:org/a')
    assert.deepEqual(found?.messages, { claim: id(4), verification: null, update: null })
    assert.deepEqual(found?.profile, { x: 1 })
    const subscription = await getSubscriptionByName(read, namespace, 'sub')
    assert.deepEqual(subscription?.filter, { events: 'x' })
    const type = await getDatatypeByName(read, namespace, 'widget', '1')
    assert.deepEqual(type, rowToDatatype(datatype))
    assert.equal(type?.value?.text, '{"x":1.0}')
  })
}

function records(create: Create): void {
  test('events and pins are listed by their sequence', async () => {
    await using database = await (await create()).open()
    const event = { namespace, type: 'message_confirmed', reference: id(1), correlator: null }
    const pin = {
      ...{ seq: 1, namespace, masked: 1, hash, batch: id(1), batchHash: hash, idx: 3 },
      ...{
        dispatched: 0,
        signer: '0x',
        created,
        protocolId: '1',
        payloadRef: '',
        txId: id(2),
        contract: 0,
      },
    }
    await database.transaction(async (tx) => {
      const events = [1, 2].map((seq) => ({
        ...event,
        seq,
        id: id(seq),
        tx: null,
        topic: 't',
        created,
      }))
      await tx.insertMany('events', events)
      await tx.insertMany('pins', [pin])
      const twice = await tx.insertMany('pins', [{ ...pin, seq: 2 }], { skipConflicts: true })
      assert.equal(twice, 0)
    })
    const newest = parseFilter(eventFields, { sequence: '>1' })
    assert.deepEqual((await listEvents(database.read, namespace, newest)).items, [
      {
        ...{ id: id(2), sequence: 2, type: 'message_confirmed', namespace, reference: id(1) },
        ...{ topic: 't', created: sent },
      },
    ])
    const waiting = parseFilter(pinFields, { masked: 'true', dispatched: 'false', sort: '-index' })
    assert.deepEqual((await listPins(database.read, namespace, waiting)).items, [
      {
        ...{ sequence: 1, namespace, masked: true, hash, batch: id(1), batchHash: hash, index: 3 },
        ...{ signer: '0x', created: sent },
      },
    ])
  })
}

function plans(create: Create): void {
  test('what waits is found by the small indexes made for it', async () => {
    await using database = await (await create()).open()
    const queries: readonly [string, string][] = [
      [
        "select seq from messages where namespace = 'n' and author = 'a' and group_hash is null and state = 'ready' order by seq limit 9",
        'messages_ready',
      ],
      [
        "select seq from pins where namespace = 'n' and hash = 'h' and dispatched = 0 order by seq",
        'pins_waiting_hash',
      ],
      [
        "select seq from pins where namespace = 'n' and batch = 'b' and dispatched = 0",
        'pins_waiting_batch',
      ],
      ["select seq from messages where namespace = 'n' and cid = 'c'", 'messages_cid'],
      [
        "select seq from batches where namespace = 'n' and state = 'sealed' order by seq",
        'batches_sealed',
      ],
    ]
    await database.transaction(async ({ db }) => {
      if (database.dialect === 'postgres') await sql`set local enable_seqscan = off`.execute(db)
      const explain = database.dialect === 'postgres' ? 'explain' : 'explain query plan'
      for (const [query, index] of queries) {
        const { rows } = await sql.raw(`${explain} ${query}`).execute(db)
        if (database.dialect === 'sqlite') assert.ok(JSON.stringify(rows).includes(index), query)
        else assert.ok(/Index|Bitmap/.test(JSON.stringify(rows)), query)
      }
    })
  })
}

test('rows without wire fields leave them out', () => {
  const operation = {
    ...{ seq: 1, namespace, id: id(1), tx: id(2), type: 'blockchain_pin_batch', status: 'Pending' },
    ...{ plugin: 'evm', input: '{"a":1.0}', output: null, error: null, created, updated: created },
    retry: null,
  }
  assert.deepEqual(rowToOperation(operation), {
    ...{ id: id(1), namespace, tx: id(2), type: 'blockchain_pin_batch', status: 'Pending' },
    ...{ plugin: 'evm', input: new RawJson('{"a":1.0}'), created: sent, updated: sent },
  })
  const transaction = { seq: 1, namespace, id: id(1), type: 'batch_pin', created }
  assert.deepEqual(
    rowToTransaction({ ...transaction, idempotencyKey: null, blockchainIds: '0x1,0x2' }),
    { id: id(1), namespace, type: 'batch_pin', created: sent, blockchainIds: ['0x1', '0x2'] },
  )
  const pin = {
    ...{ seq: 1, namespace, masked: 0, hash, batch: id(1), batchHash: hash, idx: 0, dispatched: 1 },
    ...{ signer: '0x', created, protocolId: '1', payloadRef: '', txId: id(2), contract: 0 },
  }
  assert.equal('masked' in rowToPin(pin), false)
  assert.equal(rowToPin(pin).dispatched, true)
  const batch = {
    ...{ seq: 1, namespace, id: id(1), type: 'broadcast', author: 'a', key: 'k', groupHash: null },
    ...{
      node: null,
      created,
      hash,
      manifest: '{"version":1}',
      payloadRef: '',
      txType: 'batch_pin',
    },
    ...{ txId: id(2), confirmed: null, state: 'sent' },
  }
  assert.deepEqual(
    Object.keys(rowToBatch(batch)).join(),
    'id,type,namespace,created,author,key,hash,manifest,tx',
  )
  const event = {
    ...{ seq: 1, namespace, id: id(1), source: 'evm', name: 'BatchPin', listener: null },
    ...{ protocolId: '1', output: '{}', info: '{}', timestamp: created, txType: 'batch_pin' },
    ...{ txId: null, txBlockchainId: '0x1' },
  }
  assert.deepEqual(rowToBlockchainEvent(event).tx, { type: 'batch_pin', blockchainId: '0x1' })
})

forEachDialect((_dialect, create) => {
  messages(create)
  dataItems(create)
  groupsAndIdentities(create)
  records(create)
  plans(create)
})
