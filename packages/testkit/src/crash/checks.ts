import assert from 'node:assert/strict'
import type { Database } from '@concordat/node'
import { call } from '../anvil.ts'
import type { Network } from '../network.ts'
import type { Party } from '../party.ts'
import type { Accepted } from './load.ts'
import type { Subscriber } from './subscriber.ts'

type Tables = Database['read']

/** What must be true of a network that came to rest. All parties run in this process. */
export async function checkNetwork(
  network: Network,
  accepted: readonly Accepted[],
  subscribers: ReadonlyMap<string, Subscriber>,
): Promise<void> {
  const orders: Map<string, string[]>[] = []
  for (const party of network.parties) {
    const db = databaseOf(party)
    await untilAtRest(party)
    await checkMessages(party, db, accepted)
    await checkRows(party, db)
    const subscriber = subscribers.get(party.name)
    if (subscriber) await checkDeliveries(party, db, subscriber)
    orders.push(await orderByContext(db))
  }
  checkOrders(orders)
  await checkChain(network)
}

const databaseOf = (party: Party): Tables => party.node.core.database.read

async function untilAtRest(party: Party): Promise<void> {
  const db = databaseOf(party)
  let left: readonly object[] = []
  const isAtRest = async (): Promise<boolean> => {
    const outbox = await db.selectFrom('outbox').selectAll().execute()
    const operations = await db
      .selectFrom('operations')
      .select(['id', 'type', 'status', 'tx'])
      .where('status', 'in', ['Initialized', 'Pending'])
      .execute()
    const signed = await db
      .selectFrom('chainTransactions')
      .select(['id', 'nonce', 'state'])
      .where('state', '=', 'signed')
      .execute()
    left = [...outbox, ...operations, ...signed]
    return left.length === 0
  }
  await party.until(isAtRest, 'nothing is left to do').catch((cause: unknown) => {
    throw new Error(`${party.name} has left to do: ${JSON.stringify(left)}`, { cause })
  })
}

/** Nothing accepted is lost or doubled; all of it is confirmed at all who must get it. */
async function checkMessages(
  party: Party,
  db: Tables,
  accepted: readonly Accepted[],
): Promise<void> {
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'state', 'type', 'topics', 'idempotencyKey', 'rejectReason'])
    .execute()
  assertUnique(
    rows.map(({ id }) => id),
    `${party.name}: messages`,
  )
  const undecided = rows.filter(({ state }) => state !== 'confirmed')
  assert.deepEqual(undecided, [], `${party.name}: messages that are not confirmed`)
  const byId = new Map(rows.map((row) => [row.id, row]))
  const events = await db
    .selectFrom('events')
    .select(['reference', 'topic'])
    .where('type', 'in', ['message_confirmed', 'message_rejected'])
    .execute()
  const expected = rows.flatMap(({ id, topics }) => topics.split(',').map((each) => id + each))
  assert.deepEqual(
    events.map(({ reference, topic }) => reference + topic).sort(),
    expected.sort(),
    `${party.name}: one event for each message and topic`,
  )
  for (const { id, key, author, receivers } of accepted) {
    const row = byId.get(id)
    if (!receivers.includes(party.name)) assert(!row, `${party.name} knows ${key}, not for it`)
    else assert(row, `${party.name} has lost ${key} (${id})`)
    if (author === party.name) assert.equal(row?.idempotencyKey, key)
  }
  const keys = rows.flatMap(({ idempotencyKey }) =>
    // Made by the node itself, when the load was not there yet.
    idempotencyKey === null || idempotencyKey.startsWith('ffp.') ? [] : [idempotencyKey],
  )
  assertUnique(keys, `${party.name}: idempotency keys`)
  const sent = accepted.filter(({ author }) => author === party.name).map(({ key }) => key)
  assert.deepEqual(keys.sort(), sent.sort(), `${party.name}: what was sent, and nothing else`)
}

/** Batches, pins, transactions and operations: each once, and all ended well. */
async function checkRows(party: Party, db: Tables): Promise<void> {
  const batches = await db.selectFrom('batches').select(['id', 'state', 'txId']).execute()
  assertUnique(
    batches.map(({ id }) => id),
    `${party.name}: batches`,
  )
  assertUnique(
    batches.map(({ txId }) => txId),
    `${party.name}: batches of a transaction`,
  )
  assert.deepEqual(
    batches.filter(({ state }) => state !== 'sent' && state !== 'received'),
    [],
    `${party.name}: batches not sent`,
  )
  const pins = await db.selectFrom('pins').select(['batch', 'idx', 'dispatched']).execute()
  assertUnique(
    pins.map(({ batch, idx }) => `${batch} ${idx}`),
    `${party.name}: pins`,
  )
  const known = new Set(batches.map(({ id }) => id))
  assert.deepEqual(
    pins.filter(({ batch, dispatched }) => known.has(batch) && dispatched !== 1),
    [],
    `${party.name}: pins not settled`,
  )
  const transactions = await db.selectFrom('transactions').select(['id', 'blockchainIds']).execute()
  assertUnique(
    transactions.map(({ id }) => id),
    `${party.name}: transactions`,
  )
  assert.deepEqual(
    transactions.filter(({ blockchainIds }) => blockchainIds?.split(',').length !== 1),
    [],
    `${party.name}: transactions that are not on the chain once`,
  )
  const operations = await db
    .selectFrom('operations')
    .select(['tx', 'type', 'input', 'status', 'error'])
    .execute()
  assertUnique(
    operations.map(({ tx, type, input }) => `${tx} ${type} ${input}`),
    'operations',
  )
  assert.deepEqual(
    operations.filter(({ status }) => status !== 'Succeeded'),
    [],
    `${party.name}: operations that did not succeed`,
  )
  const nonces = await db.selectFrom('chainTransactions').select(['key', 'nonce']).execute()
  assertUnique(
    nonces.map(({ key, nonce }) => `${key} ${nonce}`),
    `${party.name}: nonces`,
  )
}

/** Every event at least once, in order, without gaps: a connection begins at most one after the last event seen. */
async function checkDeliveries(party: Party, db: Tables, subscriber: Subscriber): Promise<void> {
  const first = subscriber.connections.flat()[0]?.sequence ?? 0
  const log = await db
    .selectFrom('events')
    .select(['seq', 'id'])
    .where('type', 'in', ['message_confirmed', 'message_rejected'])
    .where('seq', '>=', first)
    .orderBy('seq')
    .execute()
  const places = new Map(log.map(({ id }, place) => [id, place]))
  let last = -1
  for (const connection of subscriber.connections) {
    const [begin] = connection
    if (!begin) continue
    const start = places.get(begin.id) ?? Number.NaN
    assert(start <= last + 1, `${party.name}: a gap before event ${begin.sequence}`)
    assert.deepEqual(
      connection.map(({ id }) => id),
      log.slice(start, start + connection.length).map(({ id }) => id),
      `${party.name}: events of one connection, in order`,
    )
    last = Math.max(last, start + connection.length - 1)
  }
  assert.equal(last, log.length - 1, `${party.name}: events seen to the end`)
}

/** Messages of each context, in the order of their events. */
async function orderByContext(db: Tables): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('events')
    .innerJoin('messages', 'messages.id', 'events.reference')
    .select(['events.reference', 'events.topic', 'messages.groupHash'])
    .where('events.type', '=', 'message_confirmed')
    .orderBy('events.seq')
    .execute()
  const orders = new Map<string, string[]>()
  for (const { reference, topic, groupHash } of rows) {
    const context = `${topic} ${groupHash ?? ''}`
    orders.set(context, [...(orders.get(context) ?? []), reference])
  }
  return orders
}

function checkOrders(orders: readonly Map<string, string[]>[]): void {
  for (const context of new Set(orders.flatMap((order) => [...order.keys()]))) {
    const [first, ...others] = orders.flatMap((order) => {
      const messages = order.get(context)
      return messages ? [messages] : []
    })
    for (const other of others) assert.deepEqual(other, first, `order on ${context}`)
  }
}

/** Each batch was pinned once. */
async function checkChain({ anvil, contract, parties }: Network): Promise<void> {
  const filter = { address: contract, fromBlock: '0x0', toBlock: 'latest' }
  const logs = (await call(anvil.url, 'eth_getLogs', [filter])) as { readonly data: string }[]
  // The event's fourth word: transaction and batch, sixteen bytes each.
  const pinned = logs.flatMap(({ data }) => data.slice(2 + 64 * 3 + 32, 2 + 64 * 4) || [])
  assertUnique(pinned, 'pins on the chain')
  const batches = new Set<string>()
  for (const party of parties) {
    const rows = await databaseOf(party).selectFrom('batches').select('id').execute()
    for (const { id } of rows) batches.add(id.replaceAll('-', ''))
  }
  const onChain = new Set(pinned)
  const lost = [...batches].filter((batch) => !onChain.has(batch))
  assert.deepEqual(lost, [], 'batches that are not on the chain')
}

function assertUnique(values: readonly string[], what: string): void {
  const seen = new Set<string>()
  const doubled = values.filter((value) => seen.size === seen.add(value).size)
  assert.deepEqual(doubled, [], `${what} that are there twice`)
}
