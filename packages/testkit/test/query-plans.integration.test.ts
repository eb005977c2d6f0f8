import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { migrate } from '../../node/src/store/migrate.ts'
import { openSqlite } from '../../node/src/store/sqlite.ts'
import { SqliteReaders } from '../../node/src/store/sqlite-readers.ts'
import { SqliteWriter } from '../../node/src/store/sqlite-writer.ts'
import { type Network, startNetwork } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { broadcast, sendPrivate, untilState } from './support/outcome.ts'
import { agree, begin, untilDecided } from './support/processes.ts'

/** They grow with every message. */
const growing =
  /^(pins|messages|message_data|data|blobs|batches|payloads|events|transactions|operations|blockchain_events|chain_transactions|inbox|processes|process_values|process_events|decisions) ?/

/** They hold only what still waits. */
const waiting = /USING INDEX \w+_(waiting|aside|sealed|failed|open|ready|pending)\w* /

interface Step {
  readonly detail: string
}

// What the nodes of this process ask of their databases: writers here, readers in threads.
const asked = new Set<string>()
const stopListening = [listenTo(SqliteWriter.prototype), listenTo(SqliteReaders.prototype)]
after(() => {
  for (const stop of stopListening) stop()
})

function listenTo<Answer>(asker: {
  execute: (sql: string, parameters: readonly unknown[]) => Answer
}): () => void {
  const { execute } = asker
  asker.execute = function listening(this: unknown, sql, parameters) {
    asked.add(sql)
    return execute.call(this, sql, parameters)
  }
  return () => {
    asker.execute = execute
  }
}

let network: Network
before(async () => {
  network = await startNetwork({ parties: ['a', 'b', 'c'] })
})
after(() => network[Symbol.asyncDispose]())

/** Whether the work of a step grows with the table: neither a place in an index nor a page of a list. */
function grows(sql: string, { detail }: Step): boolean {
  const [, verb = '', table = '', how = ''] =
    /^(SCAN|SEARCH) ("?\w+"?)(?: AS \w+)?(.*)$/.exec(detail) ?? []
  if (!growing.test(table)) return false
  const isPage = /order by (\w+\.)?"?seq"?( desc)? limit \?/.test(sql)
  if (waiting.test(how)) return false
  // A page is read from its end, along the rows or an index in their order.
  if (verb === 'SCAN') return !isPage
  return /\(namespace=\?\)$/.test(how) && !(isPage && /_seq /.test(how))
}

const lists = [
  'messages',
  'events',
  'data',
  'operations',
  'batches',
  'pins',
  'transactions',
  'blockchainevents',
]

test('no query of a running node takes longer the more there is', async () => {
  const [a, b, c] = network.parties
  assert(a && b && c)
  await c.stop()
  for (let i = 0; i < 5; i += 1) {
    const open = await broadcast(a, { topics: ['one'] })
    const secret = await sendPrivate(b, [a, b], { topics: ['two'] })
    await untilState([a, b], open, 'confirmed')
    await untilState([a, b], secret, 'confirmed')
  }
  await c.start()
  const last = await broadcast(c, { topics: ['one'] })
  await untilState(network.parties, last, 'confirmed')
  await a.get('blocked')
  await a.get(`messages/${last}`)
  await a.get(`messages/${last}/data`)
  await a.get(`messages/${last}/events`)
  for (const list of lists) {
    await a.get(`${list}?limit=10`)
    await a.get(`${list}?limit=10&skip=5&created=>2020-01-01T00:00:00Z`)
  }
  await a.get('messages?type=private&limit=10')
  await a.get(`messages?id=${last}`)
  await takeSteps(a, b)

  assert.ok(asked.size > 100, `${asked.size} statements were seen`)
  const slow: string[] = []
  const questions = [...asked].filter((statement) => /^(select|update|delete)/i.test(statement))
  for (const [statement, steps] of await explain(questions))
    for (const step of steps) if (grows(statement, step)) slow.push(`${step.detail} ← ${statement}`)
  assert.deepEqual(slow, [])
})

/** An order as far as its acceptance, and what people ask of it. */
async function takeSteps(a: Party, b: Party): Promise<void> {
  const flow = await agree([a, b], 'purchase-order')
  const id = await begin(a, flow, { buyer: a, seller: b })
  const steps = `processes/${id}/steps`
  const input = { item: 'bolts', qty: 1, price: '2.5', currency: 'EUR' }
  await a.post(`${steps}/propose?confirm`, { input, intent: 'once' })
  await untilDecided([a, b], id, 1)
  await b.post(`${steps}/accept?confirm`, { input: { round: 1 } })
  await untilDecided([a, b], id, 2)
  for (const query of [
    `processes/${id}`,
    `processes/${id}/why`,
    `processes/${id}/decisions?limit=10`,
    `processes/${id}/decisions/1`,
    'processes?limit=10',
    'processes?limit=10&state.price=>2&stage.main=agreed&party.buyer=did:firefly:org/a',
    'decisions?limit=10',
    `decisions?limit=10&process=${id}&verdict=accepted`,
    'decisions?limit=10&verdict=rejected',
  ])
    await a.get(query)
}

/** SQLite chooses by the tables' shape alone: an empty database answers as a full one does. */
async function explain(statements: Iterable<string>): Promise<Map<string, readonly Step[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'concordat-plans-'))
  const file = join(folder, 'node.sqlite')
  const database = await openSqlite({ file })
  await migrate(database, { auto: true, now: '2024-01-01T00:00:00.000000000Z' })
  await database[Symbol.asyncDispose]()
  const writer = new SqliteWriter(file)
  const plans = new Map<string, readonly Step[]>()
  for (const statement of statements) {
    const nothing = statement
      .split('?')
      .slice(1)
      .map(() => null)
    const { rows } = writer.execute(`explain query plan ${statement}`, nothing)
    plans.set(statement, rows as Step[])
  }
  writer.close()
  await rm(folder, { recursive: true })
  return plans
}
