import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  createSystemWorld,
  faultsToText,
  parseConfigText,
  silentLogger,
  startNode,
  systemAdapters,
} from '@concordat/node'
import WebSocket from 'ws'
import { stringify } from 'yaml'
import { startAnvil } from '../src/anvil.ts'
import { createFireFlyAt, listen } from './support/firefly-client.ts'
import { createRest, space } from './support/rest.ts'

const folder = await mkdtemp(join(tmpdir(), 'concordat-gateway-'))
const anvil = await startAnvil()
const config = parseConfigText(
  stringify({
    http: { port: 0 },
    spi: { enabled: true, port: 0 },
    cors: { enabled: true, origins: ['https://shop.example'] },
    plugins: {
      database: [{ name: 'database0', type: 'sqlite3' }],
      blockchain: [
        {
          name: 'blockchain0',
          type: 'evm',
          evm: { url: anvil.url, keys: [{ type: 'secret', secret: anvil.accounts[0]?.secret }] },
        },
      ],
    },
    namespaces: {
      predefined: [
        { name: 'default', description: 'On our own' },
        { name: 'bare', plugins: ['database0'] },
      ],
    },
  }),
  folder,
  systemAdapters,
)
if (!config.ok) throw new Error(faultsToText(config.faults))
const node = await startNode(config.config, { world: createSystemWorld(), log: silentLogger })
after(async () => {
  await node[Symbol.asyncDispose]()
  await anvil[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const url = node.addresses.api
const client = createFireFlyAt(url)
const { call, get } = createRest({ url })
const [owner, other] = anvil.accounts.map(({ address }) => address)

interface Identity {
  readonly id: string
  readonly did: string
  readonly parent?: string
}

test('says that it is no part of a network', async () => {
  const status = await client.getStatus()
  assert.deepEqual(status.multiparty, { enabled: false })
  assert.equal(status.namespace?.description, 'On our own')
  assert.deepEqual(status.plugins?.blockchain, [{ name: 'blockchain0', pluginType: 'evm' }])
  assert.deepEqual(status.plugins?.dataExchange, [])
  assert.deepEqual(
    (await client.getNamespaces()).map(({ name }) => name),
    ['default', 'bare'],
  )
  assert.equal((await get<{ enabled: boolean }>('status/multiparty')).enabled, false)
  assert.deepEqual(await get('blocked'), [])
})

test('keeps data and blobs', async () => {
  const stored = await client.uploadData({ value: { n: 1 } as never })
  assert.deepEqual((await client.getData(stored.id))?.value, { n: 1 })
  const blob = await client.uploadDataBlob(Buffer.from('ours'), { filename: 'ours.txt' })
  assert.equal(await (await fetch(`${url}${space}/data/${blob.id}/blob`)).text(), 'ours')
  await client.deleteData(stored.id)
  assert.equal(await client.getData(stored.id), undefined)
})

test('registers and changes identities at once, and tells subscribers', async () => {
  await client.replaceSubscription({ name: 'identities', filter: { events: 'identity_.*' } })
  using received = listen(client, 'identities')
  const register = async (body: object): Promise<Identity> => {
    const answer = await call('POST', `${space}/identities?confirm=true`, body)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body as Identity
  }
  const org = await register({ name: 'shop', type: 'org', key: owner?.toUpperCase().slice(2) })
  assert.equal(org.did, 'did:firefly:org/shop')
  const desk = await register({ name: 'desk', key: other, parent: org.id })
  assert.equal(desk.parent, org.id)
  const changed = await call('PATCH', `${space}/identities/${desk.id}`, { profile: { floor: 2 } })
  assert.deepEqual((changed.body as { profile: object }).profile, { floor: 2 })
  await received.count(3)
  assert.deepEqual(
    received.deliveries.map(({ type, reference }) => [type, reference]),
    [
      ['identity_confirmed', org.id],
      ['identity_confirmed', desk.id],
      ['identity_updated', desk.id],
    ],
  )
  assert.deepEqual(
    (await client.getVerifiers(undefined, { identity: org.id })).map(({ value }) => value),
    [owner],
  )
  for (const [body, code] of [
    [{ name: 'desk', key: other, parent: org.id }, /^FF10193/],
    [{ name: 'twin', key: other, parent: org.id }, /^FF10193/],
    [{ name: 'keyless', parent: org.id }, /^FF10352/],
  ] as const) {
    const { body: answer } = await call('POST', `${space}/identities`, body)
    assert.match((answer as { error: string }).error, code)
  }
  const bare = await call('POST', '/api/v1/namespaces/bare/identities', {
    name: 'shop',
    type: 'org',
    key: owner,
  })
  assert.match((bare.body as { error: string }).error, /^CC20004/)
})

test('refuses what takes others', async () => {
  for (const [path, body] of [
    ['messages/broadcast', { data: [{ value: 1 }] }],
    ['messages/private', { group: { members: [{ identity: 'a' }] }, data: [{ value: 1 }] }],
    ['messages/requestreply', { header: { tag: 'q' }, data: [{ value: 1 }] }],
    ['datatypes', { name: 'a', version: '1', value: {} }],
    ['network/organizations/self', {}],
    ['network/nodes/self', {}],
    ['network/action', { type: 'terminate' }],
    ['pins/rewind', { sequence: 1 }],
  ] as const) {
    const { status, body: answer } = await call('POST', `${space}/${path}`, body)
    assert.equal(status, 400, path)
    assert.match((answer as { error: string }).error, /^FF10414: /, path)
  }
  assert.deepEqual(await get('messages'), [])
})

test('lets pages of the origins it knows call', async () => {
  const ask = (origin: string) =>
    fetch(`${url}${space}/status`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    })
  const known = await ask('https://shop.example')
  assert.equal(known.headers.get('access-control-allow-origin'), 'https://shop.example')
  const stranger = await ask('https://stranger.example')
  assert.equal(stranger.headers.get('access-control-allow-origin'), null)
})

test('is administered on a port of its own', async () => {
  const spi = createRest({ url: node.addresses.spi ?? '' })
  const { body } = await spi.call('GET', '/spi/v1/namespaces')
  assert.deepEqual(
    (body as { name: string }[]).map(({ name }) => name),
    ['default', 'bare'],
  )
  const operations = await spi.call('GET', '/spi/v1/namespaces/default/operations')
  assert.deepEqual(operations.body, [])
  const unknown = 'default:01a209f7-cd4e-7000-a2a9-5fc408c1fa5f'
  const missing = await spi.call('PATCH', `/spi/v1/operations/${unknown}`, { status: 'Failed' })
  assert.equal(missing.status, 404)
  assert.equal((await spi.call('POST', '/spi/v1/reset', {})).status, 400)
  assert.equal((await call('GET', '/spi/v1/namespaces')).status, 404)
})

test('tells its administrator of changes', async () => {
  const socket = new WebSocket(`${node.addresses.spi?.replace('http', 'ws')}/spi/ws`)
  const changes: { readonly collection: string; readonly id?: string }[] = []
  const heard = Promise.withResolvers<void>()
  socket.on('message', (data) => {
    changes.push(JSON.parse(String(data)) as (typeof changes)[number])
    if (changes.some(({ collection }) => collection === 'identities')) heard.resolve()
  })
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(JSON.stringify({ type: 'start', collections: ['identities', 'events'] }))
  const key = anvil.accounts[2]?.address
  // The start has no answer: what is repeated is heard once it has been read.
  for (let i = 0; changes.length === 0; i++) {
    const { body } = await call('GET', `${space}/identities?type=org&limit=1`)
    const [org] = body as Identity[]
    const answer = await call(i === 0 ? 'POST' : 'PATCH', ...nth(i, org?.id ?? '', key ?? ''))
    assert.ok(answer.status < 300, JSON.stringify(answer.body))
  }
  await heard.promise
  socket.close()
})

const nth = (i: number, parent: string, key: string): [string, object] =>
  i === 0
    ? [`${space}/identities`, { name: 'heard', key, parent }]
    : [`${space}/identities/${parent}`, { profile: { i } }]
