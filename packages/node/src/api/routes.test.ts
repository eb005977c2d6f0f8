import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { type Collection, filterFields, routes } from '@concordat/protocol/routes'
import type { Database } from '../store/database.ts'
import { batchFields } from '../store/tables/batches.ts'
import { blockchainEventFields } from '../store/tables/blockchain-events.ts'
import { dataFields } from '../store/tables/data.ts'
import { datatypeFields } from '../store/tables/datatypes.ts'
import { decisionFields } from '../store/tables/decisions.ts'
import { eventFields } from '../store/tables/events.ts'
import { flowFields } from '../store/tables/flows.ts'
import { groupFields } from '../store/tables/groups.ts'
import { identityFields } from '../store/tables/identities.ts'
import { messageFields } from '../store/tables/messages.ts'
import { nextPinFields } from '../store/tables/nextpins.ts'
import { operationFields } from '../store/tables/operations.ts'
import { pinFields } from '../store/tables/pins.ts'
import { fieldsOfProcesses } from '../store/tables/processes.ts'
import { subscriptionFields } from '../store/tables/subscriptions.ts'
import { taskFields } from '../store/tables/tasks.ts'
import { transactionFields } from '../store/tables/transactions.ts'
import { verifierFields } from '../store/tables/verifiers.ts'
import { handlers } from './handlers/index.ts'
import type { ApiServer } from './server.ts'
import { createTestNamespace, createTestServer, HASH, ID, openTestDatabase } from './testing.ts'

type Known = readonly [method: 'GET', path: string, query: readonly string[]]
const known: readonly Known[] = JSON.parse(
  await readFile(new URL('./fixtures/firefly-routes.json', import.meta.url), 'utf8'),
)

const SAMPLES: Readonly<Record<string, string>> = {
  did: 'did:firefly:org/acme',
  hash: HASH,
  ns: 'default',
  nameOrId: 'acme',
  parent: 'a/b',
  collection: 'messages',
  name: 'widget',
  version: '1.0.0',
}
const fill = (path: string): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => SAMPLES[name] ?? ID)

describe('routes', () => {
  let database: Database
  let server: ApiServer
  before(async () => {
    database = await openTestDatabase()
    server = await createTestServer([createTestNamespace(database)])
  })
  after(async () => {
    await server[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  const call = (method: 'GET', url: string) =>
    server.app.inject({
      method,
      url,
      ...(method !== 'GET' && {
        headers: { 'content-type': 'application/json' },
        payload: '{"name":"x","type":"terminate","value":{"a":1}}',
      }),
    })

  for (const [method, path] of known) {
    const global = path.startsWith('/namespaces') || path === '/websockets'
    const bases = global ? ['/api/v1'] : ['/api/v1', '/api/v1/namespaces/default']
    for (const base of bases) {
      test(`${method} ${base}${path} is served`, async () => {
        const { body, statusCode } = await call(method, base + fill(path))
        assert.ok(!body.includes('FF10109'), body)
        assert.ok(statusCode < 500, `${statusCode} ${body}`)
      })
    }
  }

  test('every route has one handler', () => {
    const ids = handlers.map(({ route }) => route.id).sort()
    assert.deepEqual(ids, routes.map(({ id }) => id).sort())
    assert.equal(new Set(ids).size, ids.length)
  })

  test("every list takes the query parameters that FireFly's has", () => {
    for (const [method, path, query] of known) {
      const route = routes.find(
        (one) => one.method === method && one.path.replace(/:(\w+)\*?/g, '{$1}') === path,
      )
      assert.ok(route, `${method} ${path}`)
      // Documented there by accident: these replies are not lists.
      if (['getDataBlob', 'getDataValue', 'getTxnByID'].includes(route.id)) continue
      const schema = route.query as { properties?: object } | undefined
      const ours = new Set(Object.keys(schema?.properties ?? {}))
      assert.deepEqual(
        query.filter((name) => !ours.has(name)),
        [],
        `${method} ${path}`,
      )
    }
  })

  test('an unknown route is FF10109, in JSON', async () => {
    for (const url of ['/api/v1/nothing', '/nothing', '/api/v1/namespaces/default/nothing']) {
      const reply = await call('GET', url)
      assert.equal(reply.statusCode, 404)
      assert.deepEqual(reply.json(), { error: 'FF10109: Not found' })
    }
  })
})

test('the filter fields of the routes are those of the tables', () => {
  const tables: Partial<Record<Collection, object>> = {
    messages: messageFields,
    batches: batchFields,
    transactions: transactionFields,
    data: dataFields,
    datatypes: datatypeFields,
    operations: operationFields,
    subscriptions: subscriptionFields,
    events: eventFields,
    pins: pinFields,
    nextpins: nextPinFields,
    identities: identityFields,
    verifiers: verifierFields,
    groups: groupFields,
    blockchainevents: blockchainEventFields,
    tasks: taskFields,
    flows: flowFields,
    processes: fieldsOfProcesses('default', ['party']),
    decisions: decisionFields,
  }
  for (const [collection, fields] of Object.entries(tables))
    assert.deepEqual(
      Object.keys(fields).sort(),
      [...filterFields[collection as Collection]].sort(),
      collection,
    )
})
