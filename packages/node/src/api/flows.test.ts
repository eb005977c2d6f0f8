import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { templates } from '@concordat/protocol/process'
import { postFlow } from '@concordat/protocol/routes'
import type { Database } from '../store/database.ts'
import { purchaseOrder, refuses, seedProcesses, template } from './processes.testing.ts'
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
let database: Database
let server: ApiServer
before(async () => {
  database = await openTestDatabase()
  await database.transaction(seedProcesses)
  const gateway = createTestNamespace(database, { name: 'gateway', multiparty: false })
  server = await createTestServer([createTestNamespace(database, { calls }), gateway])
})
after(async () => {
  await server[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const json = { 'content-type': 'application/json' }
const yaml = { 'content-type': 'application/yaml; charset=utf-8' }
const post = (url: string, payload: string, headers: Record<string, string> = json) =>
  server.app.inject({ method: 'POST', url: `/api/v1${url}`, headers, payload })
const get = (url: string, headers: Record<string, string> = {}) =>
  server.app.inject({ url: `/api/v1${url}`, headers })
const lastCall = () => calls.at(-1) ?? []

test('a definition is taken as JSON and as YAML, for all or for some', async () => {
  const example = JSON.stringify(postFlow.example)
  for (const [body, headers] of [
    [example, json],
    [templates['purchase-order'], yaml],
    [example, yaml],
  ] as const) {
    const reply = await post('/flows', body, headers)
    assert.equal(reply.statusCode, 202, reply.body)
    const [command, input] = lastCall()
    assert.equal(command, 'propose')
    assert.equal((input as { members?: unknown }).members, undefined)
  }
  assert.equal(
    (await post('/flows?confirm&members=org_1,%20org_2&members=did:x', example)).statusCode,
    200,
  )
  const [, { members }] = lastCall() as [string, { members: string[] }]
  assert.deepEqual(members, ['org_1', 'org_2', 'did:x'])
  refuses(await post('/flows?members=,', example), 400, 'CC20002')
})

test('what is no sound definition is refused, with its faults', async () => {
  const parsed = JSON.stringify(template)
  const cases: readonly [string, Record<string, string>, string][] = [
    ['', json, 'FF10103'],
    ['{', json, 'FF10103'],
    ['{"flow":"flow/1","flow":"flow/1"}', json, 'FF10103'],
    ['{"flow":1.5}', json, 'FF10103'],
    ['{"flow":"a\\u0000b"}', json, 'CC20005'],
    [`{"flow":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, json, 'FF10103'],
    [`{"flow":"${'x'.repeat(300_000)}"}`, json, 'FF10103'],
    ['[]', json, 'CC21001'],
    ['null', json, 'CC21001'],
    ['"flow/1"', json, 'CC21001'],
    ['{}', json, 'CC21001'],
    ['{"flow":"flow/1"}', json, 'CC21001'],
    ['{"flow":"flow/2"}', json, 'CC21001'],
    [`${parsed.slice(0, -1)},"__proto__":{}}`, json, 'CC21001'],
    ['', yaml, 'CC21001'],
    ['a: [', yaml, 'CC21001'],
    ['a: &x [*x]', yaml, 'CC21001'],
    [
      `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]`,
      yaml,
      'CC21001',
    ],
    ['- 1\n- 2', yaml, 'CC21001'],
    [`a: ${'x'.repeat(300_000)}`, yaml, 'CC21001'],
  ]
  for (const [body, headers, code] of cases) {
    const reply = await post('/flows', body, headers)
    refuses(reply, 400, code)
    if (code === 'CC21001') assert.ok(reply.json().faults.length > 0, body.slice(0, 50))
  }
  for (const url of ['/processes', '/flows/x/adopt', `/processes/${ID}/steps/ask`])
    refuses(await post(url, 'a: 1', yaml), 415, 'FF00162')
  refuses(await post('/flows', '<flow/>', { 'content-type': 'application/xml' }), 415, 'FF00162')
})

test('a definition is found by hash, name and version, and listed', async () => {
  const versionOf = async (reference: string): Promise<string> => {
    const { version } = (await get(`/flows/${reference}`)).json()
    return version
  }
  assert.equal(await versionOf('purchase-order'), '1.10.0')
  assert.equal(await versionOf('purchase-order@1.9.0'), '1.9.0')
  assert.equal(await versionOf(`0x${purchaseOrder.hash.toUpperCase()}`), '1.0.0')
  const first = (await get(`/flows/${purchaseOrder.hash}`)).json()
  assert.deepEqual([first.adoptedBy, first.definition], [['did:b'], template])
  const page = (await get('/flows?state=loaded&sort=-version&count&limit=1')).json()
  assert.deepEqual([page.total, page.items[0].version], [3, '1.9.0'])
  for (const reference of ['nothing', 'purchase-order@3.0.0', HASH, '%00', 'a%20b', '@', '@@'])
    assert.ok((await get(`/flows/${reference}`)).statusCode < 500, reference)
  refuses(await get('/flows/nothing'), 404, 'CC21002')
  refuses(await post('/flows/nothing/adopt', ''), 404, 'CC21002')
  assert.equal((await post('/flows/purchase-order@1.0.0/adopt?confirm', '')).statusCode, 200)
  assert.deepEqual(lastCall().slice(0, 2), ['adopt', purchaseOrder.hash])
  refuses(await get('/namespaces/gateway/flows'), 400, 'FF10414')
})

test('a definition is drawn, typed and compared', async () => {
  const typeOf = async (url: string, accept?: string): Promise<string> => {
    const { headers, statusCode, body } = await get(url, accept === undefined ? {} : { accept })
    assert.equal(statusCode, 200, body)
    return String(headers['content-type'])
  }
  const url = '/flows/purchase-order/diagram'
  const mermaid = 'text/vnd.mermaid; charset=utf-8'
  const xml = 'application/xml; charset=utf-8'
  assert.equal(await typeOf(url), mermaid)
  assert.equal(await typeOf(url, '*/*'), mermaid)
  assert.equal(await typeOf(url, 'text/html,application/xml;q=0.9,*/*;q=0.8'), mermaid)
  assert.equal(await typeOf(url, 'application/xml'), xml)
  assert.equal(await typeOf(`${url}?format=bpmn`), xml)
  assert.equal(await typeOf(`${url}?format=mermaid`, 'application/xml'), mermaid)
  refuses(await get(`${url}?format=png`), 400, 'CC20002')
  assert.match(
    (await get('/flows/purchase-order/types')).body,
    /export interface PurchaseOrderSteps/,
  )
  const openApi = (await get('/flows/purchase-order/openapi')).json()
  assert.deepEqual(openApi.servers, [{ url: '/api/v1/namespaces/default' }])
  const diff = (await get(`/flows/purchase-order/diff?with=${purchaseOrder.hash}`)).json()
  assert.deepEqual([diff.length, diff[0].kind, diff[0].path], [1, 'changed', '$.version'])
  refuses(await get('/flows/purchase-order/diff'), 400, 'FF10131')
  refuses(await get('/flows/purchase-order/diff?with=nothing'), 404, 'CC21002')
  for (const form of ['diagram', 'types', 'openapi'])
    refuses(await get(`/flows/purchase-order@2.0.0/${form}`), 409, 'CC21003')
})
