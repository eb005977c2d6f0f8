import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Database } from '../store/database.ts'
import type { ApiServer } from './server.ts'
import {
  type Calls,
  createTestNamespace,
  createTestServer,
  HASH,
  ID,
  openTestDatabase,
} from './testing.ts'

const BOUNDARY = 'limit'
const field = (name: string, value: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const file = (content: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n${content}\r\n`
const END = `--${BOUNDARY}--\r\n`

let database: Database
let server: ApiServer
const calls: Calls = []
before(async () => {
  database = await openTestDatabase()
  server = await createTestServer([createTestNamespace(database, { calls })], {
    config: { maxBlobSize: 100_000 },
  })
})
after(async () => {
  await server[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})
const upload = (payload: string) =>
  server.app.inject({
    method: 'POST',
    url: '/api/v1/data',
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    payload,
  })

test('a form: fields, then the file', async () => {
  const reply = await upload(
    field('autometa', 'true') +
      field('metadata', '{"b": 1.0}') +
      field('validator', 'json') +
      field('datatype.name', 'widget') +
      file('hello') +
      END,
  )
  assert.equal(reply.statusCode, 201, reply.body)
  assert.deepEqual(calls.at(-1), [
    'uploadBlob',
    { validator: 'json', datatype: { name: 'widget' }, value: '{"b":1.0}', autometa: true },
    'a.txt',
    'text/plain',
    5,
  ])
})

test('metadata that is not JSON is a text', async () => {
  await upload(field('metadata', 'plain <words>') + file('x') + END)
  const [, fields] = calls.at(-1) ?? []
  assert.deepEqual(fields, { value: '"plain \\u003cwords\\u003e"', autometa: false })
})

test('a field after the file is FF00163, and nothing is stored', async () => {
  const before = calls.length
  const reply = await upload(file('x') + field('autometa', 'true') + END)
  assert.equal(reply.statusCode, 400)
  assert.match(reply.body, /FF00163.*autometa/)
  assert.equal(calls.length, before)
})

test('a form without a file, a broken form, and one cut off', async () => {
  for (const body of [field('a', 'b') + END, 'garbage', file('x').slice(0, -10), ''])
    assert.equal((await upload(body)).statusCode, 400, body)
})

test('a file that is too large', async () => {
  const reply = await upload(file('x'.repeat(100_001)) + END)
  assert.equal(reply.statusCode, 413, reply.body)
  assert.match(reply.body, /CC20003/)
})

test('a download says size and hash', async () => {
  const reply = await server.app.inject(`/api/v1/data/${ID}/blob`)
  assert.equal(reply.body, 'blob bytes')
  assert.equal(reply.headers['x-ff-blob-hash-sha256'], HASH)
  assert.equal(reply.headers['x-ff-blob-size'], '10')
  const missing = await server.app.inject(`/api/v1/data/${ID.replace(/^1/, '2')}/blob`)
  assert.equal(missing.statusCode, 404)
})

test('U+0000 in a form, wherever it stands', async () => {
  const forms: readonly (readonly [string, string])[] = [
    ['validator', field('validator', 'js\0on') + file('x')],
    ['metadata', field('metadata', '{"a":["\\u0000"]}') + file('x')],
    ['filename', file('x').replace('filename="a.txt"', "filename*=utf-8''a%00b")],
  ]
  for (const [name, form] of forms) {
    const reply = await upload(form + END)
    assert.equal(reply.statusCode, 400, reply.body)
    assert.equal(reply.json().error.split(' holds')[0], `CC20005: '${name}'`)
  }
})
