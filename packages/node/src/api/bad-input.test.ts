import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RawJson } from '@concordat/protocol'
import type { Database } from '../store/database.ts'
import type { ApiServer } from './server.ts'
import {
  type Calls,
  createTestNamespace,
  createTestServer,
  ID,
  openTestDatabase,
} from './testing.ts'

const json = { 'content-type': 'application/json' }

let database: Database
let server: ApiServer
const calls: Calls = []
before(async () => {
  database = await openTestDatabase()
  const gateway = createTestNamespace(database, { name: 'gateway', multiparty: false })
  const starting = createTestNamespace(database, { name: 'new', state: { kind: 'starting' } })
  const stopped = createTestNamespace(database, {
    name: 'old',
    state: { kind: 'stopped', reason: 'forked' },
  })
  server = await createTestServer([
    createTestNamespace(database, { calls }),
    gateway,
    starting,
    stopped,
  ])
})
after(async () => {
  await server[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const post = (url: string, payload: string | Buffer, headers: Record<string, string> = json) =>
  server.app.inject({ method: 'POST', url: `/api/v1${url}`, headers, payload })
const get = (url: string) => server.app.inject(`/api/v1${url}`)
const refuses = (
  reply: { readonly statusCode: number; json(): { error: string } },
  status: number,
  code: string,
): void => {
  const { error } = reply.json()
  assert.equal(`${reply.statusCode} ${error.split(':')[0]}`, `${status} ${code}`, error)
}

test('malformed JSON', async () => {
  for (const body of ['', '{', '{"a":1,}', 'null x', '[1', '\u0000', '{"a":tru}'])
    refuses(await post('/messages/broadcast', body), 400, 'FF10103')
})

test('100,000-deep nesting', async () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  refuses(await post('/messages/broadcast', deep), 400, 'FF10103')
  refuses(await post('/messages/broadcast', `{"data":[{"value":${deep}}]}`), 400, 'FF10103')
})

test('oversize', async () => {
  const large = `{"data":[{"value":"${'x'.repeat(1024 * 1024)}"}]}`
  const reply = await post('/messages/broadcast', large)
  refuses(reply, 413, 'CC20003')
})

test('wrong types', async () => {
  const bodies = [
    '[]',
    '1',
    '"x"',
    '{"header":1}',
    '{"header":{"topics":"a"}}',
    '{"header":{"topics":[1]}}',
    '{"data":{}}',
    '{"data":[1]}',
    '{"data":[{"id":7}]}',
    '{"idempotencyKey":{}}',
  ]
  for (const body of bodies) refuses(await post('/messages/broadcast', body), 400, 'CC20002')
  refuses(await post('/messages/private', '{"group":{"members":{}}}'), 400, 'CC20002')
})

test('an id that is no UUID and a hash that is none are told as such', async () => {
  const cid = await post('/messages/broadcast', '{"header":{"cid":"no-uuid"}}')
  refuses(cid, 400, 'FF00138')
  assert.equal(cid.json().error, "FF00138: 'no-uuid' is not a UUID")
  const blob = await post('/messages/broadcast', '{"data":[{"id":"x y"}]}')
  assert.equal(blob.json().error, "FF00138: 'x y' is not a UUID")
  const hash = await post('/messages/broadcast', '{"data":[{"hash":"12"}]}')
  assert.equal(hash.json().error, "FF00139: '12' is not a 32-byte hash in hex")
})

test('unknown fields are ignored, nulls are as if left out, values keep their text', async () => {
  const value = '{"b":1.0,"a":[1e2,-0],"n":null,"big":12345678901234567890}'
  const body = `{"extra":{"x":1},"header":{"id":"x","tag":null,"topics":null,"author":"a"},
      "data":[{"value":${value},"validator":null}]}`
  const reply = await post('/messages/broadcast?confirm', body)
  assert.equal(reply.statusCode, 200, reply.body)
  const [command, input, confirm] = calls.at(-1) ?? []
  assert.deepEqual([command, confirm], ['broadcast', true])
  const { header, data } = input as {
    header: object
    data: { value: RawJson }[]
  }
  assert.deepEqual({ ...header }, { id: 'x', author: 'a' })
  assert.equal(data[0]?.value.text, value)
})

test('a value of null is no value', async () => {
  refuses(await post('/data', '{"value":null}'), 400, 'FF00109')
})

test('a value comes back as it was written', async () => {
  const reply = await post('/data', '{"value":{"b":1.0,"a":12345678901234567890}}')
  assert.equal(reply.statusCode, 201)
  assert.match(reply.body, /"value":\{"b":1.0,"a":12345678901234567890\}/)
})

test('content types', async () => {
  for (const type of [
    'application/xml',
    'application/jsonx',
    '',
    'multipart/form-data; boundary=x',
  ])
    refuses(await post('/messages/broadcast', '{}', { 'content-type': type }), 415, 'FF00162')
  const bare = await server.app.inject({ method: 'POST', url: '/api/v1/network/nodes/self' })
  refuses(bare, 415, 'FF00162')
  const text = await post('/network/nodes/self', 'anything', { 'content-type': 'text/plain' })
  assert.equal(text.statusCode, 202)
  const empty = await post('/network/nodes/self', '')
  assert.equal(empty.statusCode, 202)
})

test('bad filters', async () => {
  refuses(await get('/messages?sequence=abc'), 400, 'FF00143')
  refuses(await get('/messages?sequence=@1'), 400, 'FF00145')
  refuses(await get('/messages?sequence=!>1'), 400, 'FF00193')
  refuses(await get('/messages?limit=100000'), 400, 'FF00192')
  refuses(await get('/messages?skip=100000'), 400, 'FF00191')
  refuses(await get('/messages?created=>yesterday'), 400, 'FF00143')
})

test('lenient queries', async () => {
  for (const query of ['skip=0$&', '&&', 'limit=x', 'nonsense=1', 'sort=nothing', '%zz=%zz'])
    assert.equal((await get(`/messages?${query}`)).statusCode, 200, query)
  assert.deepEqual((await get('/messages?count')).json(), { count: 0, total: 0, items: [] })
  assert.deepEqual((await get('/messages?count=true&&')).json(), {
    count: 0,
    total: 0,
    items: [],
  })
  assert.deepEqual((await get('/messages?count=false')).json(), [])
})

test('double slashes are one', async () => {
  for (const path of ['/api/v1//websockets', '//api/v1/namespaces/default//network/nodes?count=//'])
    assert.equal((await server.app.inject(path)).statusCode, 200, path)
})

test('bad paths', async () => {
  refuses(await get('/messages/no-uuid'), 400, 'FF00138')
  refuses(await get(`/messages/${ID}`), 404, 'FF10143')
  refuses(await get('/groups/zz'), 400, 'FF00139')
  refuses(await get('/messages/%zz'), 400, 'CC20002')
  refuses(await get('/namespaces/nowhere/messages'), 404, 'FF10436')
  refuses(await get('/namespaces/nowhere'), 404, 'FF10187')
  refuses(await get(`/data/${ID}x/blob`), 400, 'FF00138')
})

test('namespaces that are not there yet, or any more, or without what it takes', async () => {
  refuses(await get('/namespaces/new/messages'), 412, 'FF10441')
  refuses(await get('/namespaces/old/messages'), 412, 'FF10446')
  refuses(await post('/namespaces/gateway/messages/broadcast', '{}'), 400, 'FF10414')
  refuses(await get('/tokens/pools'), 400, 'CC20004')
  refuses(await post('/contracts/invoke', '{}'), 400, 'CC20004')
})

test('charts', async () => {
  refuses(await get('/charts/histogram/nothing'), 400, 'CC20002')
  refuses(await get('/charts/histogram/messages?startTime=1&endTime=2&buckets=101'), 400, 'CC20002')
  refuses(await get('/charts/histogram/messages?startTime=x&endTime=2&buckets=1'), 400, 'FF00136')
  refuses(await get('/charts/histogram/messages'), 400, 'FF10131')
})
