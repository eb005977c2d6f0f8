import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { it } from 'node:test'
import type { SubscriptionOptions } from '@concordat/protocol'
import type { Database } from '../../store/database.ts'
import { parseFilter } from '../../store/filter.ts'
import { migrate } from '../../store/migrate.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { listSubscriptions, subscriptionFields } from '../../store/tables/subscriptions.ts'
import { startTestSubscribers, type TestSubscribers, testMessage } from '../testing.ts'
import { websocketTransport } from '../websocket/websocket-transport.ts'
import { startTarget } from './testing.ts'
import { createWebhookTransport, type WebhookTransportOptions } from './webhook-transport.ts'

async function openDatabase(): Promise<Database> {
  const database = await openSqlite({ file: ':memory:' })
  await migrate(database, { auto: true, now: '2024-01-01T00:00:00.000000000Z' })
  return database
}

const startNode = (
  database: Database,
  options: Partial<WebhookTransportOptions> = {},
): Promise<TestSubscribers> =>
  startTestSubscribers(database, {
    transports: [
      websocketTransport,
      createWebhookTransport({ allowedRanges: ['loopback'], ...options }),
    ],
  })

const hook = (url: string, options: SubscriptionOptions = {}) => ({
  name: 'hook',
  transport: 'webhooks',
  options: { url, firstEvent: 'oldest', retry: { initialDelay: '5ms' }, ...options },
})

/** A data item with this value, as if it had arrived. */
async function insertData(
  node: TestSubscribers,
  database: Database,
  value: string,
): Promise<string> {
  const id = node.world.uuid()
  await database.transaction(async (tx) => {
    const row = {
      seq: tx.sequence('data', 1),
      namespace: 'default',
      id,
      validator: 'json',
      datatypeName: null,
      datatypeVersion: null,
      hash: '00',
      created: '2026-01-01T00:00:00.000000000Z',
      value,
      public: null,
      blobHash: null,
      blobPublic: null,
      blobName: null,
      blobPath: null,
      blobSize: null,
    }
    await tx.insertMany('data', [row])
  })
  return id
}

const ok = (_count: number, response: ServerResponse): void => {
  response.end()
}

it('delivers in order, and again until the target answers 2xx', async () => {
  await using target = await startTarget((count, response) => {
    response.writeHead(count <= 2 ? 500 : count === 3 ? 302 : 204, { location: '/elsewhere' }).end()
  })
  await using database = await openDatabase()
  await using node = await startNode(database)
  const { id } = await node.subscribers.subscriptions.create(hook(target.url))
  const rows = await node.confirm(3)
  const hits = await target.until(6)
  const ids = hits.map((hit) => JSON.parse(hit.body).id)
  const [first, second, third] = rows.map((row) => row.id)
  assert.deepEqual(ids, [first, first, first, first, second, third])
  assert.deepEqual(new Set(hits.map((hit) => hit.url)), new Set(['/hook']))
  const body = JSON.parse(hits[0]?.body ?? '')
  assert.deepEqual(body.subscription, { id, namespace: 'default', name: 'hook' })
})

it('signs each call so that the target can verify it', async () => {
  const key = Buffer.alloc(24, 7)
  const secret = `whsec_${key.toString('base64')}`
  await using target = await startTarget(ok)
  await using database = await openDatabase()
  await using node = await startNode(database)
  const shown = await node.subscribers.subscriptions.create(hook(target.url, { secret }))
  assert.equal(shown.options.secret, undefined)
  const [row] = await node.confirm(1)
  const [hit] = await target.until(1)
  const {
    'webhook-id': id,
    'webhook-timestamp': time,
    'webhook-signature': signature,
  } = hit?.headers ?? {}
  assert.equal(id, row?.id)
  const expected = createHmac('sha256', key).update(`${id}.${time}.${hit?.body}`).digest('base64')
  assert.equal(signature, `v1,${expected}`)
})

it('moves the checkpoint only after an answer, so a restart delivers what was refused', async () => {
  await using database = await openDatabase()
  await using refusing = await startTarget((_count, response) => {
    response.writeHead(503).end()
  })
  const before = await startNode(database)
  await before.subscribers.subscriptions.create(hook(refusing.url))
  const rows = await before.confirm(2)
  await refusing.until(3)
  await before[Symbol.asyncDispose]()
  await using target = await startTarget(ok)
  await using after = await startNode(database)
  await after.subscribers.subscriptions.upsert(hook(target.url))
  const hits = await target.until(2)
  assert.deepEqual(
    hits.map((hit) => JSON.parse(hit.body).id),
    rows.map((row) => row.id),
  )
})

it('pauses a target that stays broken, and goes on by skip or resume', async () => {
  let broken = true
  await using target = await startTarget((_count, response, hit) => {
    response.writeHead(broken && hit.body.includes('poison') ? 500 : 200).end()
  })
  await using database = await openDatabase()
  await using node = await startNode(database, { retryForMs: 20 })
  const { subscribers } = node
  const { id } = await subscribers.subscriptions.create(hook(target.url))
  const stuck = async () => {
    for (;;) {
      const [pause] = subscribers.paused()
      if (pause) return pause
      await node.world.sleep(1)
    }
  }
  const [first] = await node.confirm(1, { tag: 'poison-1' })
  const pause = await stuck()
  assert.equal(pause.subscription, id)
  assert.equal(pause.event, first?.id)
  assert.equal(pause.reason, 'HTTP 500')
  await subscribers.subscriptions.skip(id)
  await node.confirm(1, { tag: 'poison-2' })
  const second = await stuck()
  assert.ok(second.sequence > pause.sequence)
  broken = false
  const seen = target.hits.length
  await subscribers.subscriptions.resume(id)
  const hits = await target.until(seen + 1)
  assert.match(hits.at(-1)?.body ?? '', /poison-2/)
  await assert.rejects(subscribers.subscriptions.resume(id), { code: 'CC20803' })
})

it('counts the time that a target was tried before a restart', async () => {
  await using target = await startTarget((_count, response) => {
    response.writeHead(500).end()
  })
  await using database = await openDatabase()
  const options = { retryForMs: 60_000 }
  const retry = { initialDelay: '1h' }
  {
    await using node = await startNode(database, options)
    await node.subscribers.subscriptions.create(hook(target.url, { retry }))
    await node.confirm(1)
    while ((await triesOf(database)).length === 0) await node.world.sleep(1)
    assert.deepEqual(node.subscribers.paused(), [])
  }
  // As if it had been so for two minutes.
  await database.transaction(async ({ db }) => {
    await db
      .updateTable('offsets')
      .set((eb) => ({ current: eb('current', '-', 120_000) }))
      .where('type', 'like', 'webhook_tried|%')
      .execute()
  })
  await using again = await startNode(database, options)
  while (again.subscribers.paused().length === 0) await again.world.sleep(1)
  assert.equal(target.hits.length, 2)
  const [pause] = again.subscribers.paused()
  await again.subscribers.subscriptions.skip(pause?.subscription ?? '')
  while ((await triesOf(database)).length > 0) await again.world.sleep(1)
})

const triesOf = (database: Database) =>
  database.read.selectFrom('offsets').selectAll().where('type', 'like', 'webhook_tried|%').execute()

it('keeps the secret where no list can be searched for it', async () => {
  await using target = await startTarget(ok)
  await using database = await openDatabase()
  const secret = `whsec_${Buffer.from('a secret of 16 bytes or more').toString('base64')}`
  const url = target.url
  {
    await using node = await startNode(database)
    await node.subscribers.subscriptions.create(hook(url, { secret }))
  }
  const search = async (options: string) => {
    const filter = parseFilter(subscriptionFields, { options })
    return (await listSubscriptions(database.read, 'default', filter)).items.length
  }
  for (const part of ['whsec_', secret, secret.slice(6, 12)])
    assert.equal(await search(`@${part}`), 0)
  assert.equal(await search(`@${url}`), 1)
  await using again = await startNode(database)
  await again.confirm(1)
  const [hit] = await target.until(1)
  assert.ok(hit?.headers['webhook-signature'], 'it still signs')
})

it('gives up at once when only best effort is asked for', async () => {
  await using target = await startTarget((_count, response) => {
    response.writeHead(500).end()
  })
  await using database = await openDatabase()
  await using node = await startNode(database)
  await node.subscribers.subscriptions.create(
    hook(target.url, {
      confirmationMode: 'besteffort',
      retry: { enabled: true, count: 1, initialDelay: '1ms' },
    }),
  )
  const rows = await node.confirm(2)
  const hits = await target.until(4)
  const [first, second] = rows.map((row) => row.id)
  assert.deepEqual(
    hits.map((hit) => JSON.parse(hit.body).id),
    [first, first, second, second],
  )
})

it('does not wait for the target with fastack', async () => {
  const open: ServerResponse[] = []
  await using target = await startTarget((_count, response) => {
    open.push(response)
  })
  await using database = await openDatabase()
  await using node = await startNode(database)
  const { id } = await node.subscribers.subscriptions.create(hook(target.url, { fastack: true }))
  const rows = await node.confirm(4)
  await target.until(4)
  assert.equal(await node.subscribers.subscriptions.offset(id), rows.at(-1)?.seq)
  for (const response of open) response.end()
})

it('sends values, path, query and headers from the message, and the answer back as a reply', async () => {
  await using target = await startTarget((_count, response) => {
    response.setHeader('content-type', 'application/json')
    response.writeHead(418).end('{ "price": 1.10 }')
  })
  await using database = await openDatabase()
  await using node = await startNode(database)
  await node.subscribers.subscriptions.create(
    hook(target.url, {
      reply: true,
      replytag: 'answer',
      replytx: 'true',
      query: { fixed: '1' },
      headers: { 'X-Fixed': 'yes' },
      input: { body: 'payload', path: 'where', query: 'q', headers: 'h' },
    }),
  )
  const value = `{"payload":{"n":1.10},"where":"../a b/../c","q":{"x":"1&2"},"h":{"X-Mine":"ok","Host":"evil","webhook-id":"x","bad":"a\\nb"}}`
  const dataId = await insertData(node, database, value)
  const message = {
    ...testMessage(node.world, { group: 'ab' }),
    data: [{ id: dataId, hash: '00' }],
  }
  const reference = message.header.id
  const event = { type: 'message_confirmed', reference, topic: 'default' }
  await node.append([event], new Map([[reference, message]]))
  const [hit] = await target.until(1)
  assert.equal(hit?.body, '{"n":1.10}')
  assert.equal(hit?.url, '/hook/a%20b/c?fixed=1&x=1%262')
  assert.equal(hit?.headers['x-mine'], 'ok')
  assert.equal(hit?.headers['x-fixed'], 'yes')
  assert.equal(hit?.headers.host, `127.0.0.1:${target.port}`)
  assert.notEqual(hit?.headers['webhook-id'], 'x')
  assert.equal(hit?.headers.bad, undefined)
  while (node.replies.length === 0) await node.world.sleep(1)
  const [reply] = node.replies
  assert.deepEqual(reply?.header, {
    cid: reference,
    type: 'broadcast',
    topics: ['default'],
    group: 'ab',
    tag: 'answer',
    txtype: 'batch_pin',
  })
  const text = reply?.data?.[0]?.value?.text ?? ''
  assert.match(text, /"body":\{"price":1.10\}/)
  assert.equal(JSON.parse(text).status, 418)
})

it('does not call a hook for a reply', async () => {
  await using target = await startTarget(ok)
  await using database = await openDatabase()
  await using node = await startNode(database)
  await node.subscribers.subscriptions.create(hook(target.url, { reply: true }))
  await node.confirm(1, { cid: '39296b6e-91b9-4a61-b279-833c85b04d94' })
  const [row] = await node.confirm(1)
  const [hit] = await target.until(1)
  assert.equal(JSON.parse(hit?.body ?? '').id, row?.id)
})

it('sends a batch as a list', async () => {
  await using target = await startTarget(ok)
  await using database = await openDatabase()
  await using node = await startNode(database)
  await node.subscribers.subscriptions.create(
    hook(target.url, { batch: true, readAhead: 3, batchTimeout: '20ms' }),
  )
  const rows = await node.confirm(5)
  const hits = await target.until(2)
  const ids = hits.map((hit) => JSON.parse(hit.body).map((event: { id: string }) => event.id))
  assert.deepEqual(ids, [rows.slice(0, 3).map((row) => row.id), rows.slice(3).map((row) => row.id)])
})

it('refuses addresses of the house, by number and by name, and redirects to them', async () => {
  await using target = await startTarget(ok)
  await using database = await openDatabase()
  await using node = await startNode(database, { allowedRanges: [], retryForMs: 0 })
  const { subscriptions } = node.subscribers
  const literals = [
    '127.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '10.0.0.1',
    '169.254.169.254',
    '0x7f000001',
  ]
  for (const host of literals) {
    const input = hook(`http://${host}:${target.port}/`)
    await assert.rejects(subscriptions.create(input), { code: 'CC20802' }, host)
  }
  await subscriptions.create(hook(`http://localhost:${target.port}/`))
  await node.confirm(1)
  while (node.subscribers.paused().length === 0) await node.world.sleep(1)
  assert.match(node.subscribers.paused()[0]?.reason ?? '', /not allowed/)
  assert.equal(target.hits.length, 0)
})

it('refuses options that no call could be made with', async () => {
  await using database = await openDatabase()
  await using node = await startNode(database)
  const { subscriptions } = node.subscribers
  const url = 'https://example.org/'
  const refused: SubscriptionOptions[] = [
    { url: '' },
    { url: 'ftp://example.org' },
    { url, method: 'BREW' },
    { url, headers: { Host: 'other' } },
    { url, headers: { 'X-A': 'a\r\nb' } },
    { url, tlsConfigName: 'none' },
    { url, secret: 'short' },
    { url, batch: true, reply: true },
  ]
  for (const options of refused) {
    await assert.rejects(subscriptions.create(hook('', options)), { code: 'CC20802' })
  }
  await assert.rejects(subscriptions.create(hook(url, { batch: true, withData: true })), {
    code: 'FF10460',
  })
})
