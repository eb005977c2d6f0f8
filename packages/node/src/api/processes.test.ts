import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BlockedTopic, ProcessDecision, StepAnswer } from '@concordat/protocol'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Database } from '../store/database.ts'
import { refuses, seedProcesses } from './processes.testing.ts'
import type { ApiServer } from './server.ts'
import {
  type Calls,
  createTestNamespace,
  createTestServer,
  HASH,
  ID,
  openTestDatabase,
} from './testing.ts'

const calls: Calls = []
let answer: StepAnswer
let blocked: BlockedTopic[] = []
let database: Database
let server: ApiServer
before(async () => {
  database = await openTestDatabase()
  await database.transaction(seedProcesses)
  const plain = createTestNamespace(database, { calls })
  const processes = {
    ...plain.processes,
    submit: async (...args: unknown[]) => {
      calls.push(['submit', ...args])
      return { intent: 'once', ...answer }
    },
  }
  server = await createTestServer([{ ...plain, processes, blocked: async () => blocked }])
})
after(async () => {
  await server[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const json = { 'content-type': 'application/json' }
const post = (url: string, payload: string) =>
  server.app.inject({ method: 'POST', url: `/api/v1${url}`, headers: json, payload })
const get = (url: string) => server.app.inject({ url: `/api/v1${url}` })
const lastCall = () => calls.at(-1) ?? []

test('a process begins with what it takes', async () => {
  const parties = { buyer: 'a', seller: ['b', 'c'] }
  const body = JSON.stringify({ id: ID.toUpperCase(), flow: 'purchase-order', parties })
  assert.equal((await post('/processes', body)).statusCode, 202)
  assert.deepEqual(lastCall()[1], { id: ID, flow: 'purchase-order', parties })
  for (const wrong of [
    '{}',
    '[]',
    '{"flow":"x"}',
    '{"flow":1,"parties":{}}',
    '{"flow":"x","parties":[]}',
    '{"flow":"x","parties":{"a":1}}',
    '{"flow":"x","parties":{"a":[1]}}',
    '{"flow":"x","parties":{"a":null}}',
  ])
    refuses(await post('/processes', wrong), 400, 'CC20002')
  for (const odd of ['{"__proto__":"a"}', '{"a b":"a"}', '{"":"a"}', '{"a":[]}', '{"a":""}'])
    refuses(await post('/processes', `{"flow":"x","parties":${odd}}`), 400, 'CC21006')
  const misnamed = await post('/processes', '{"id":"x","flow":"x","parties":{"a":"b"}}')
  assert.equal(misnamed.statusCode, 400)
  assert.match(misnamed.body, /FF00138|CC20002/)
})

test('a process is shown with its document, its decisions, and what it waits for', async () => {
  const one = await get(`/processes/${ID}`)
  assert.match(one.body, /"state":\{"price":"10\.50"\}/)
  assert.equal(one.json().deadlines.offerExpires, '2024-01-03T00:00:02Z')
  const why = (await get(`/processes/${ID}/why`)).json()
  assert.deepEqual(why.next, { deadline: 'offerExpires', due: '2024-01-03T00:00:02Z' })
  assert.deepEqual(why.turns, [
    { party: 'did:a', steps: [{ step: 'ask', role: 'asker', since: 0 }] },
  ])
  assert.match(why.text, /turn of did:a \(ask\); deadline 'offerExpires' is due/)
  const numbers = async (query: string): Promise<number[]> =>
    (await get(query)).json().map(({ n }: { n: number }) => n)
  assert.deepEqual(await numbers(`/processes/${ID}/decisions`), [2, 1])
  assert.deepEqual(await numbers(`/processes/${ID}/decisions?verdict=accepted`), [1])
  assert.deepEqual(await numbers('/decisions?code=X'), [2])
  assert.deepEqual(await numbers('/decisions?time=>2024-01-01T00:00:01Z'), [2])
  assert.deepEqual(await numbers('/decisions?time=>=2024-01-01T00:00:00.5Z&sort=n'), [1, 2])
  assert.deepEqual(await numbers('/decisions?time=2024-01-01T00:00:01.5Z'), [])
  assert.equal((await get(`/processes/${ID}/decisions/1`)).json().time, '2024-01-01T00:00:01Z')
})

test('a process that is held up says by what', async () => {
  const held = (topic: string, group: string): BlockedTopic => ({
    topic,
    context: HASH,
    group,
    since: '2024-01-01T00:00:00Z',
    waiting: 1,
    blockedBy: { kind: 'missing_payload', detail: 'the payload of batch 1 is missing' },
    actions: ['request_payload'],
  })
  const topic = `ffp-${ID}`
  blocked = [held('other', HASH), held(topic, '0'.repeat(64)), held(`x,${topic}`, HASH)]
  const why = (await get(`/processes/${ID}/why`)).json()
  blocked = []
  assert.deepEqual(why.blocked, [held(`x,${topic}`, HASH)])
  assert.match(why.text, /can't be decided: the payload of batch 1 is missing/)
})

test('what there is none of, or can not be, is said clearly', async () => {
  refuses(await get('/processes/x'), 400, 'FF00138')
  const none = ID.replaceAll('1', '2')
  for (const path of ['', '/decisions', '/why'])
    refuses(await get(`/processes/${none}${path}`), 404, 'FF10143')
  refuses(await get(`/processes/${ID}/decisions/3`), 404, 'FF10143')
  for (const n of ['x', '-1', '1.5', '99999999999999999999'])
    refuses(await get(`/processes/${ID}/decisions/${n}`), 400, 'CC20002')
  refuses(await get('/processes?n=abc'), 400, 'FF00143')
  refuses(await get('/processes?state.price=!>1'), 400, 'FF00193')
  refuses(await get('/processes?state.=1'), 400, 'FF00142')
  refuses(await get(`/processes?state.${'x'.repeat(41)}=1`), 400, 'FF00142')
  refuses(await get("/processes?sort=state.a'b"), 400, 'FF00142')
  refuses(await get('/processes?limit=100000'), 400, 'FF00192')
  assert.deepEqual((await get('/processes?state.__proto__=1&constructor=2')).statusCode, 400)
  assert.deepEqual((await get('/processes?LIMIT=1&state.price=>1&sort=-state.price')).json(), [])
})

const step = (body: string, query = '', name = 'propose') =>
  post(`/processes/${ID}/steps/${name}${query}`, body)

test('a step comes to the engine as it was wished', async () => {
  answer = { process: ID, step: 'propose', message: ID }
  const input = { price: '10.50', qty: 9007199254740991, deep: [{ a: null }] }
  const expect = { n: 2 }
  const body = JSON.stringify({
    input,
    role: 'buyer',
    intent: 'x',
    expect,
    author: 'a',
    key: '0x1',
  })
  const reply = await step(body)
  assert.equal(reply.statusCode, 202)
  const wish = {
    process: ID,
    step: 'propose',
    input,
    role: 'buyer',
    intent: 'x',
    expect,
    author: 'a',
  }
  assert.deepEqual(plain(lastCall()[1]), { ...wish, key: '0x1' })
  assert.equal((await step('')).statusCode, 202)
  assert.deepEqual(lastCall()[1], { process: ID, step: 'propose', input: {} })
})

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test('a step that is none never gets that far', async () => {
  const before = calls.length
  for (const input of ['[]', '1', '"x"', '{"a":1.5}', '{"a":1e2}', '{"a":1,"a":2}', '{"a":-0}'])
    refuses(await step(`{"input":${input}}`), 400, 'CC21009')
  refuses(await step('{"input":{"a":9007199254740992}}'), 400, 'CC21009')
  refuses(await step(`{"input":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`), 400, 'CC21009')
  refuses(await step(`{"input":{"a":"${'x'.repeat(300_000)}"}}`), 400, 'CC21009')
  refuses(await step(`{"input":{"a":"${'x'.repeat(1024 * 1024)}"}}`), 413, 'CC20003')
  refuses(await step('{"input":{"a":"\\u0000"}}'), 400, 'CC20005')
  refuses(await step('{"input":{"a":"\\ud800"}}'), 400, 'CC21009')
  for (const wrong of [
    '[]',
    '{"role":1}',
    '{"intent":""}',
    `{"intent":"${'x'.repeat(257)}"}`,
    '{"expect":1}',
    '{"expect":{"n":-1}}',
    '{"expect":{"n":1.5}}',
    '{"expect":{}}',
    '{"author":{}}',
  ])
    refuses(await step(wrong), 400, 'CC20002')
  refuses(await post('/processes/x/steps/propose', '{}'), 400, 'FF00138')
  refuses(await step('{}', '?confirm', '$tick'), 422, 'CC21011')
  assert.equal(calls.length, before)
})

const decided = (part: Partial<ProcessDecision>): ProcessDecision => ({
  process: ID,
  n: 7,
  verdict: 'rejected',
  step: 'propose',
  time: '2024-01-01T00:00:00Z',
  ...part,
})
const answering = (part: Partial<ProcessDecision>) => {
  answer = { process: ID, step: 'propose', message: ID, decision: decided(part) }
  return step('{}', '?confirm')
}

test('the status of an answer says what became of the step', async () => {
  assert.equal((await answering({ verdict: 'accepted' })).statusCode, 200)
  const winner = { n: 3, step: 'accept', author: 'did:b', message: ID }
  const lost = await answering({ code: 'CONFLICT', rule: 'WRONG_STAGE', winner })
  refuses(lost, 409, 'CC21010')
  assert.deepEqual(lost.json().decision.winner, winner)
  assert.match(lost.json().error, /decision 3, 'accept' of did:b, came first, hence WRONG_STAGE/)
  const late = await answering({
    code: 'CONFLICT',
    rule: 'X',
    winner: { n: 3, deadline: 'expires' },
  })
  assert.match(late.json().error, /deadline 'expires', came first/)
  refuses(await answering({ code: 'EXPECT_FAILED' }), 409, 'CC21010')
  const refused = await answering({ code: 'TOO_DEAR' })
  refuses(refused, 422, 'CC21011')
  assert.equal(refused.json().decision.code, 'TOO_DEAR')
  refuses(await answering({ verdict: 'void', code: 'MALFORMED' }), 422, 'CC21011')
})

test('the same wish again is answered as it was at first', async () => {
  const again = await answering({ verdict: 'void', code: 'DUPLICATE', of: 1 })
  assert.equal(again.statusCode, 200)
  assert.deepEqual([again.json().decision.n, again.json().message], [1, ID])
  refuses(await answering({ verdict: 'void', code: 'DUPLICATE', of: 2 }), 422, 'CC21011')
  refuses(await answering({ verdict: 'void', code: 'DUPLICATE', of: 99 }), 422, 'CC21011')
})

test('a dry run is answered whatever it says', async () => {
  const reply = await step('{}', '?dryrun')
  assert.equal(reply.statusCode, 200)
  assert.equal(lastCall()[0], 'tryOut')
  assert.equal(reply.json().decision.verdict, 'accepted')
})

test('calls and answers are as the OpenAPI document of their definition says', async () => {
  const document = (await get('/flows/purchase-order@1.0.0/openapi')).json()
  const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, 'api')
  const pointer = (...parts: string[]): string =>
    parts.map((part) => `/${part.replaceAll('/', '~1')}`).join('')
  const bodyOf = (path: string): string =>
    pointer('paths', path, 'post', 'requestBody', 'content', 'application/json', 'schema')
  const fits = (at: string, value: unknown): void => {
    assert.ok(ajv.validate(`api#${at}`, value), `${at}: ${ajv.errorsText()}`)
  }
  const parties = { buyer: 'a', seller: ['b'] }
  const begin = { flow: (await get('/flows/purchase-order@1.0.0')).json().hash, parties }
  fits(bodyOf('/processes'), begin)
  assert.equal((await post('/processes', JSON.stringify(begin))).statusCode, 202)
  const terms = { item: 'bolts', qty: 1, price: '1', currency: 'EUR' }
  fits(bodyOf('/processes/{id}/steps/propose'), { input: terms, intent: 'x', expect: { n: 0 } })
  assert.throws(() => fits(bodyOf('/processes/{id}/steps/propose'), { input: {} }))
  const schemas = (name: string): string => pointer('components', 'schemas', name)
  fits(schemas('Process'), (await get(`/processes/${ID}`)).json())
  fits(schemas('Answer'), (await answering({ verdict: 'accepted' })).json())
  const winner = { n: 3, step: 'accept', author: 'did:b' }
  fits(schemas('Error'), (await answering({ code: 'CONFLICT', rule: 'X', winner })).json())
})
