import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { hash } from 'bcryptjs'
import { WebSocket } from 'ws'
import { silentLogger } from '../lib/logger.ts'
import { createSystemWorld } from '../lib/world.ts'
import type { EventRow } from '../store/schema.ts'
import { createAuth } from './auth.ts'
import { changesOfEvents } from './changes.ts'
import { createMetrics } from './metrics.ts'
import { createMonitoringServer } from './monitoring.ts'
import { createSpiServer } from './spi.ts'
import {
  type Calls,
  CREATED,
  createTestNamespace,
  createTestServer,
  ID,
  openTestDatabase,
  testMessage,
} from './testing.ts'

const here = { host: '127.0.0.1', port: 0 }
const json = { 'content-type': 'application/json' }
const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', headers: { ...json, ...headers }, body })

test('a request past its time is 408, and its wait is ended', async () => {
  await using database = await openTestDatabase()
  const namespace = createTestNamespace(database)
  const ended = Promise.withResolvers<void>()
  const stuck = createTestNamespace(database, {
    messages: {
      ...namespace.messages,
      broadcast: (_input, { signal }) => {
        signal.addEventListener('abort', () => ended.resolve())
        return new Promise(() => {})
      },
    },
  })
  await using server = await createTestServer([stuck])
  const url = await server.listen(here)
  const reply = await post(`${url}/api/v1/messages/broadcast`, '{}', { 'request-timeout': '50ms' })
  assert.equal(reply.status, 408)
  assert.match(await reply.text(), /FF00166/)
  await ended.promise
})

test('a caller who hangs up ends its wait', async () => {
  await using database = await openTestDatabase()
  const namespace = createTestNamespace(database)
  const entered = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const slow = createTestNamespace(database, {
    messages: {
      ...namespace.messages,
      broadcast: (_input, { signal }) => {
        signal.addEventListener('abort', () => ended.resolve())
        entered.resolve()
        return new Promise(() => {})
      },
    },
  })
  await using server = await createTestServer([slow])
  const url = await server.listen(here)
  const hangUp = new AbortController()
  const sent = fetch(`${url}/api/v1/messages/broadcast`, {
    method: 'POST',
    headers: json,
    body: '{}',
    signal: hangUp.signal,
  })
  await entered.promise
  hangUp.abort()
  await assert.rejects(sent)
  await ended.promise
})

test('more requests than there is room for are 429 with Retry-After', async () => {
  await using database = await openTestDatabase()
  const namespace = createTestNamespace(database)
  const entered = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const slow = createTestNamespace(database, {
    messages: {
      ...namespace.messages,
      broadcast: async () => {
        entered.resolve()
        await release.promise
        return testMessage()
      },
    },
  })
  await using server = await createTestServer([slow], { config: { maxOpenRequests: 1 } })
  const url = await server.listen(here)
  const first = post(`${url}/api/v1/messages/broadcast`, '{}')
  await entered.promise
  const second = await fetch(`${url}/api/v1/status`)
  assert.equal(second.status, 429)
  assert.equal(second.headers.get('retry-after'), '1')
  assert.match(await second.text(), /CC20501/)
  release.resolve()
  assert.equal((await first).status, 202)
})

test('a stop waits for open requests, but not for ever', async () => {
  await using database = await openTestDatabase()
  const namespace = createTestNamespace(database)
  const entered = Promise.withResolvers<void>()
  const stuck = createTestNamespace(database, {
    messages: {
      ...namespace.messages,
      broadcast: () => {
        entered.resolve()
        return new Promise(() => {})
      },
    },
  })
  const server = await createTestServer([stuck], { config: { shutdownTimeout: 50 } })
  const url = await server.listen(here)
  const open = post(`${url}/api/v1/messages/broadcast`, '{}')
  await entered.promise
  await Promise.all([assert.rejects(open), server[Symbol.asyncDispose]()])
  await assert.rejects(fetch(`${url}/livez`))
})

test('pages of allowed origins may call', async () => {
  await using database = await openTestDatabase()
  const cors = {
    enabled: true,
    origins: ['https://a.example'],
    methods: ['GET'],
    headers: ['*'],
    credentials: true,
    maxAge: 60_000,
  }
  await using server = await createTestServer([createTestNamespace(database)], { config: { cors } })
  const ask = (origin: string) =>
    server.app.inject({
      method: 'OPTIONS',
      url: '/api/v1/messages',
      headers: {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'x-y',
      },
    })
  const allowed = await ask('https://a.example')
  assert.equal(allowed.statusCode, 204)
  assert.equal(allowed.headers['access-control-allow-origin'], 'https://a.example')
  assert.equal(allowed.headers['access-control-allow-headers'], 'x-y')
  assert.equal(allowed.headers['access-control-max-age'], '60')
  const other = await ask('https://b.example')
  assert.equal(other.headers['access-control-allow-origin'], undefined)
  const reply = await server.app.inject({
    url: '/api/v1/messages',
    headers: { origin: 'https://a.example' },
  })
  assert.equal(reply.headers['access-control-allow-origin'], 'https://a.example')
})

test('request ids are echoed or made', async () => {
  await using database = await openTestDatabase()
  await using server = await createTestServer([createTestNamespace(database)])
  const url = `${await server.listen(here)}/api/v1/status`
  const named = await fetch(url, { headers: { 'x-firefly-request-id': 'mine' } })
  assert.equal(named.headers.get('x-firefly-request-id'), 'mine')
  const made = await fetch(url)
  assert.match(made.headers.get('x-firefly-request-id') ?? '', /^[\w-]{8}$/)
})

test('WebSockets are let in where they belong, with credentials', async () => {
  await using database = await openTestDatabase()
  const users = new Map([['ann', await hash('a:b', 4)]])
  const auth = createAuth({ namespaces: new Map([['default', users]]) }, createSystemWorld())
  const scopes: (string | undefined)[] = []
  const checks: string[] = []
  await using server = await createTestServer([createTestNamespace(database)], {
    auth,
    websockets: {
      status: () => ({ enabled: true, connections: [] }),
      handleUpgrade: (_request, socket, _head, { namespace, authorize }) => {
        scopes.push(namespace)
        const say = (text: string): void => {
          checks.push(text)
          socket.end('HTTP/1.1 418 Seen\r\nconnection: close\r\n\r\n')
        }
        Promise.resolve(authorize?.('default')).then(
          () => say('yes'),
          (error: unknown) => say((error as { code: string }).code),
        )
      },
    },
  })
  const url = (await server.listen(here)).replace('http', 'ws')
  const statusOf = async (path: string, headers = {}): Promise<number> => {
    const socket = new WebSocket(url + path, { headers })
    socket.on('error', () => {})
    const [, reply] = await once(socket, 'unexpected-response')
    socket.terminate()
    return reply.statusCode
  }
  const signedIn = { authorization: `Basic ${Buffer.from('ann:a:b').toString('base64')}` }
  assert.equal(await statusOf('/ws'), 418)
  assert.equal(await statusOf('/ws', signedIn), 418)
  assert.equal(await statusOf('/api/v1/namespaces/default/ws', signedIn), 418)
  assert.equal(await statusOf('/api/v1/namespaces/default/ws'), 401)
  assert.equal(await statusOf('/api/v1/namespaces/nowhere/ws'), 404)
  assert.equal(await statusOf('/elsewhere'), 404)
  assert.deepEqual(scopes, [undefined, undefined, 'default'])
  assert.deepEqual(checks, ['FF00169', 'yes', 'yes'])
})

test('the documents and the page', async () => {
  await using database = await openTestDatabase()
  await using server = await createTestServer([createTestNamespace(database)])
  for (const base of ['/api', '/api/v1/namespaces/default/api']) {
    const page = await server.app.inject(base)
    assert.match(page.body, /^<!doctype html>/)
    const script = /<script>([\s\S]*)<\/script>/.exec(page.body)?.[1] ?? ''
    // Throws when the page's script isn't JavaScript.
    new Function(script)
    const document = (await server.app.inject(`${base}/openapi.json`)).json()
    assert.equal(document.openapi, '3.1.0')
    assert.ok(document.paths['/messages/broadcast'].post.requestBody)
    assert.equal(base === '/api', '/namespaces' in document.paths)
    const yaml = await server.app.inject(`${base}/swagger.yaml`)
    assert.match(yaml.body, /^openapi: 3\.1\.0/)
  }
})

test('monitoring: metrics by their names, health', async () => {
  await using database = await openTestDatabase()
  const metrics = createMetrics(createSystemWorld())
  const message = testMessage()
  const listeners: ((rows: readonly EventRow[]) => void)[] = []
  const base = createTestNamespace(database)
  const namespace = createTestNamespace(database, {
    events: {
      ...base.events,
      recentMessage: () => message,
      onAppend: (listener) => {
        listeners.push(listener)
        return () => {}
      },
    },
  })
  metrics.watch(namespace)
  await using server = createMonitoringServer({
    metrics,
    namespaces: () => [namespace],
    auth: { check: () => undefined, userOf: () => undefined },
    metricsPath: '/metrics',
  })
  metrics.request({ route: 'postNewMessageBroadcast', status: 202, ms: 3, namespace: 'default' })
  for (const listener of listeners) listener([eventRow('message_confirmed')])
  const text = (await server.app.inject('/metrics')).body
  assert.match(text, /ff_broadcast_submitted_total\{ns="default"\} 1/)
  assert.match(text, /ff_broadcast_confirmed_total\{ns="default"\} 1/)
  assert.match(text, /ff_batchpin_total/)
  assert.equal((await server.app.inject('/livez')).statusCode, 200)
  assert.equal((await server.app.inject('/readyz')).statusCode, 200)
})

const eventRow = (type: string): EventRow => ({
  seq: 5,
  namespace: 'default',
  id: ID,
  type,
  reference: ID,
  correlator: null,
  tx: null,
  topic: 'default',
  created: CREATED,
})

test('spi: namespaces, operations, reset and changes', async () => {
  await using database = await openTestDatabase()
  const calls: Calls = []
  const listeners: ((rows: readonly EventRow[]) => void)[] = []
  const base = createTestNamespace(database)
  const namespace = createTestNamespace(database, {
    events: {
      ...base.events,
      onAppend: (listener) => {
        listeners.push(listener)
        return () => {}
      },
    },
  })
  await using server = createSpiServer({
    namespaces: () => [namespace],
    getNamespace: (name) => (name === 'default' ? namespace : undefined),
    changes: changesOfEvents(() => [namespace]),
    limits: { defaultLimit: 25, maxLimit: 1000 },
    eventQueueLength: 2,
    updateOperation: async (_namespace, id, update) => {
      calls.push([id, update])
      return base.operations.retry(id)
    },
    reset: async () => void calls.push(['reset']),
    auth: { check: () => undefined, userOf: () => undefined },
    world: createSystemWorld(),
    log: silentLogger,
  })
  const url = await server.listen(here)
  const status = async (method: string, path: string, body?: string): Promise<number> =>
    (await fetch(`${url}/spi/v1${path}`, { method, ...(body && { body, headers: json }) })).status
  assert.equal(await status('GET', '/namespaces'), 200)
  assert.equal(await status('GET', '/namespaces/default/operations?count'), 200)
  assert.equal(await status('GET', '/namespaces/nowhere'), 404)
  assert.equal(await status('GET', `/operations/default:${ID}`), 404)
  assert.equal(await status('PATCH', `/operations/default:${ID}`, '{"status":"Failed"}'), 200)
  assert.equal(await status('PATCH', `/operations/default:${ID}`, '{"status":"Odd"}'), 400)
  assert.equal(await status('POST', '/reset'), 204)
  assert.deepEqual(calls, [[ID, { status: 'Failed' }], ['reset']])

  const socket = new WebSocket(`${url.replace('http', 'ws')}/spi/ws`)
  await once(socket, 'open')
  socket.send('{"type":"start","collections":["messages"],"filter":{"types":["updated"]}}')
  // A frame that is answered comes after the start.
  socket.ping()
  await once(socket, 'pong')
  for (const listener of listeners) listener([eventRow('message_confirmed')])
  const [frame] = await once(socket, 'message')
  assert.deepEqual(JSON.parse(String(frame)), {
    collection: 'messages',
    type: 'updated',
    namespace: 'default',
    id: ID,
  })
  socket.send('nonsense')
  const [error] = await once(socket, 'message')
  assert.match(String(error), /protocol_error.*FF10103/)
  await once(socket, 'close')
})
