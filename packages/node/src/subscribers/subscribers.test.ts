import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { SubscriptionInput } from '@concordat/protocol'
import type { DecisionRow, ProcessRow } from '../store/process-schema.ts'
import type { Delivery } from './delivery.ts'
import { createEnrich } from './enrich.ts'
import { startTestSubscribers, type TestSubscribers, testMessage } from './testing.ts'
import { openDatabase } from './websocket/testing.ts'

it('creates with a first event that is settled at once', async () => {
  await using database = await openDatabase()
  await using node = await startTestSubscribers(database)
  const { subscriptions } = node.subscribers
  const rows = await node.confirm(3)
  const create = async (name: string, firstEvent?: string) => {
    const options = firstEvent === undefined ? {} : { firstEvent }
    const made = await subscriptions.create({ name, options })
    return [made.options.firstEvent, await subscriptions.offset(made.id)]
  }
  const newest = rows.at(-1)?.seq ?? 0
  assert.deepEqual(await create('a'), [String(newest), newest])
  assert.deepEqual(await create('b', 'newest'), [String(newest), newest])
  assert.deepEqual(await create('c', 'oldest'), ['-1', -1])
  assert.deepEqual(await create('d', '2'), ['2', 2])
})

it('refuses what FireFly refuses, with its codes', async () => {
  await using database = await openDatabase()
  await using node = await startTestSubscribers(database)
  const { subscriptions } = node.subscribers
  await subscriptions.create({ name: 'taken' })
  const refused: [string, SubscriptionInput][] = [
    ['FF10193', { name: 'taken' }],
    ['FF00140', {}],
    ['FF00140', { name: '!bad' }],
    ['FF00141', { name: '39296b6e-91b9-4a61-b279-833c85b04d94' }],
    ['FF10172', { name: 'a', transport: 'pigeons' }],
    ['FF10266', { name: 'a', transport: 'system' }],
    ['FF10195', { name: 'a', filter: { events: '(' } }],
    ['FF10191', { name: 'a', options: { firstEvent: 'tomorrow' } }],
    ['FF10192', { name: 'a', options: { firstEvent: '-2' } }],
    ['FF10244', { name: 'a', options: { withData: true } }],
    ['FF10460', { name: 'a', options: { withData: true, batch: true } }],
  ]
  for (const [code, input] of refused) await assert.rejects(subscriptions.create(input), { code })
  await assert.rejects(subscriptions.remove(node.world.uuid()), { code: 'FF10109' })
})

it('keeps id, first event and position when it replaces', async () => {
  await using database = await openDatabase()
  await using node = await startTestSubscribers(database)
  const { subscriptions } = node.subscribers
  await node.confirm(2)
  const made = await subscriptions.upsert({ name: 'a', options: { firstEvent: '1' } })
  const filter = { topic: 'x' }
  const again = await subscriptions.upsert({ name: 'a', filter, options: { firstEvent: 'newest' } })
  assert.deepEqual([again.id, again.options.firstEvent, again.filter], [made.id, '1', filter])
  assert.equal(await subscriptions.offset(made.id), 1)
  await subscriptions.remove(made.id)
  assert.equal(await subscriptions.offset(made.id), undefined)
})

it('refuses more subscriptions than a namespace may have', async () => {
  await using database = await openDatabase()
  await using node = await startTestSubscribers(database, { maxSubscriptions: 2 })
  const { subscriptions } = node.subscribers
  await subscriptions.create({ name: 'a' })
  await subscriptions.create({ name: 'b' })
  await assert.rejects(subscriptions.create({ name: 'c' }), { code: 'CC20801' })
  await subscriptions.upsert({ name: 'b' })
})

/** The first event that an ephemeral subscription from the start is given, as its JSON. */
async function firstDelivery(node: TestSubscribers): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<Delivery>()
  const receiver = { deliver: (delivery: Delivery) => void resolve(delivery) }
  const request = { filter: {}, options: { firstEvent: 'oldest' }, receiver }
  await using _ = node.subscribers.attachEphemeral(request)
  const [event] = (await promise).events
  return `${event?.text()}}`
}

it('reads a message that is no longer in memory', async () => {
  await using database = await openDatabase()
  await using node = await startTestSubscribers(database)
  const { header, hash } = testMessage(node.world, { tag: 't', topics: ['a', 'b'] })
  await database.transaction(async (tx) => {
    const row = {
      seq: tx.sequence('messages', 1),
      namespace: 'default',
      id: header.id,
      type: header.type,
      txtype: 'batch_pin',
      cid: null,
      author: header.author,
      key: header.key,
      created: header.created,
      networkNamespace: 'default',
      groupHash: null,
      topics: 'a,b',
      tag: 't',
      datahash: header.datahash,
      txparentType: null,
      txparentId: null,
      hash,
      batch: null,
      tx: null,
      state: 'confirmed',
      confirmed: '2026-01-02T03:04:06.100000000Z',
      rejectReason: null,
      pins: null,
      idempotencyKey: null,
      dataRefs: '[]',
      size: 1,
    }
    await tx.insertMany('messages', [row])
  })
  await node.append([{ type: 'message_confirmed', reference: header.id, topic: 'a' }])
  const { message } = JSON.parse(await firstDelivery(node))
  const confirmed = '2026-01-02T03:04:06.1Z'
  assert.deepEqual(message, {
    header,
    localNamespace: 'default',
    hash,
    state: 'confirmed',
    confirmed,
    data: [],
  })
})

it('attaches an operation with what it put out, as it was written', async () => {
  await using database = await openDatabase()
  await using node = await startTestSubscribers(database)
  const id = node.world.uuid()
  const tx = node.world.uuid()
  await database.transaction(async (transaction) => {
    const row = {
      seq: transaction.sequence('operations', 1),
      namespace: 'default',
      id,
      tx,
      type: 'blockchain_invoke',
      status: 'Succeeded',
      plugin: 'evm',
      input: null,
      output: '{"gas":1.10}',
      error: null,
      created: '2026-01-02T03:04:05.000000000Z',
      updated: '2026-01-02T03:04:05.500000000Z',
      retry: null,
    }
    await transaction.insertMany('operations', [row])
  })
  await node.append([{ type: 'blockchain_invoke_op_succeeded', reference: id }])
  const text = await firstDelivery(node)
  assert.match(text, /"output":\{"gas":1\.10\}/)
  const { operation } = JSON.parse(text)
  assert.deepEqual(
    [operation.id, operation.tx, operation.updated],
    [id, tx, '2026-01-02T03:04:05.5Z'],
  )
})

it('delivers an event whose object is gone, without it', async () => {
  await using database = await openDatabase()
  await using node = await startTestSubscribers(database)
  const [row] = await node.append([{ type: 'transaction_submitted', reference: node.world.uuid() }])
  const event = JSON.parse(await firstDelivery(node))
  assert.deepEqual([event.id, event.transaction], [row?.id, undefined])
})

it('attaches to the events of a process what was decided, or the process', async () => {
  await using database = await openDatabase()
  await using node = await startTestSubscribers(database)
  const { world } = node
  const [process, message, other] = [world.uuid(), world.uuid(), world.uuid()]
  await database.transaction(async (tx) => {
    await tx.insertMany('processes', [processRow(process)])
    // The same message was decided on by another process as well.
    await tx.insertMany('decisions', [
      decisionRow(1, { process: other, message }),
      decisionRow(2, { process, message }),
    ])
  })
  const topic = `ffp-${process}`
  const of = (type: string, reference: string) => ({ type, reference, correlator: process, topic })
  const rows = await node.append([
    of('process_created', message),
    of('process_step_accepted', message),
    of('process_step_voided', process),
  ])
  const events = await createEnrich('default', database, node.log)(rows)
  const [created, accepted, voided] = events.map((event) => JSON.parse(`${event.text()}}`))
  assert.deepEqual([created.process.id, created.process.state], [process, { price: '1.50' }])
  assert.deepEqual([accepted.decision.process, accepted.decision.output], [process, { net: '3' }])
  assert.equal(accepted.process, undefined)
  assert.equal(voided.process.id, process)
  assert.equal(events[1]?.facts.author, 'did:firefly:org/a')
})

const CREATED = '2026-01-02T03:04:05.000000000Z'
const HASH = 'ab'.repeat(32)

const processRow = (id: string): ProcessRow => ({
  seq: 1,
  namespace: 'default',
  id,
  flow: HASH,
  name: 'sale',
  version: '1.0.0',
  groupHash: HASH,
  creator: 'did:firefly:org/a',
  message: id,
  status: 'running',
  reason: null,
  n: 1,
  hash: HASH,
  clock: 1_767_323_045,
  nextDue: null,
  view: '{"state":{"price":"1.50"}}',
  nextEvent: 1,
  saved: null,
  savedEvent: 1,
  created: CREATED,
  updated: CREATED,
})

const decisionRow = (
  seq: number,
  { process, message }: Pick<DecisionRow, 'process' | 'message'>,
): DecisionRow => ({
  seq,
  namespace: 'default',
  process,
  n: 1,
  verdict: 'accepted',
  step: 'offer',
  role: 'seller',
  author: 'did:firefly:org/a',
  message,
  code: null,
  deadline: null,
  record:
    '{"n":1,"t":1767323045,"s":"","verdict":"accepted","author":"did:firefly:org/a","output":{"net":"3"}}',
  hash: HASH,
  time: 1_767_323_045,
  created: CREATED,
})
