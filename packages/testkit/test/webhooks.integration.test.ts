import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { startNetwork } from '../src/network.ts'
import { answerJson, startTarget } from './support/http-target.ts'
import { createRest, space } from './support/rest.ts'

const network = await startNetwork({ parties: ['alice', 'bob'] })
const alice = network.party('alice')
const bob = network.party('bob')
after(() => network[Symbol.asyncDispose]())

const toBob = { members: [{ identity: 'bob' }] }

interface Sent {
  readonly header: { readonly id: string; readonly group: string; readonly tag?: string }
}
interface Reply {
  readonly header: { readonly cid: string; readonly tag: string; readonly author: string }
  readonly data: readonly { readonly value: { status: number; headers: object; body: unknown } }[]
}

const hook = (name: string, options: object) =>
  bob.post<{ id: string }>('subscriptions', {
    name,
    transport: 'webhooks',
    filter: { events: 'message_confirmed', message: { tag: `^${name}$` } },
    options: { firstEvent: 'newest', ...options },
  })
const until = (fact: () => boolean, what: string) => bob.until(async () => fact(), what)

test('what a target answers is the reply to a request', async () => {
  await using target = await startTarget(({ body }, response) =>
    answerJson(response, 200, { echo: JSON.parse(body) }),
  )
  await hook('ask', { url: `${target.url}/ask`, reply: true, replytag: 'told', replytx: 'true' })
  const reply = await alice.post<Reply>('messages/requestreply', {
    header: { tag: 'ask' },
    group: toBob,
    data: [{ value: { sum: [1, 2] } }],
  })
  assert.equal(reply.header.tag, 'told')
  assert.equal(reply.header.author, bob.did)
  const [answer] = reply.data
  assert.equal(answer?.value.status, 200)
  assert.deepEqual(answer?.value.body, { echo: { sum: [1, 2] } })
  assert.deepEqual(
    target.hits.map(({ method, url }) => [method, url]),
    [['POST', '/ask']],
  )
})

test('a target that fails, or is not there, is an answer too', async () => {
  await using target = await startTarget((_hit, response) =>
    answerJson(response, 503, { error: 'closed' }),
  )
  const { id } = await hook('shut', { url: target.url, reply: true })
  const ask = (tag: string) =>
    alice.post<Reply>('messages/requestreply', {
      header: { tag },
      group: toBob,
      data: [{ value: 'open?' }],
    })
  const refused = await ask('shut')
  assert.equal(refused.data[0]?.value.status, 503)
  assert.deepEqual(refused.data[0]?.value.body, { error: 'closed' })
  await createRest(bob).call('DELETE', `${space}/subscriptions/${id}`)
})

test('an assured hook calls until it is answered, in order, under one id, signed', async () => {
  const key = randomBytes(24)
  const accepted: string[] = []
  await using target = await startTarget(({ body }, response, n) => {
    if (n % 3 < 2) {
      answerJson(response, 500, { error: 'not yet' })
      return
    }
    accepted.push(body)
    answerJson(response, 200, {})
  })
  await hook('sure', {
    url: target.url,
    confirmationMode: 'assured',
    retry: { initialDelay: '5ms', maxDelay: '10ms' },
    secret: `whsec_${key.toString('base64')}`,
  })
  for (let i = 0; i < 4; i++)
    await alice.post<Sent>('messages/broadcast', {
      header: { tag: 'sure' },
      data: [{ value: { i } }],
    })
  await until(() => accepted.length === 4, 'all calls')
  assert.deepEqual(
    accepted.map((body) => JSON.parse(body) as unknown),
    [{ i: 0 }, { i: 1 }, { i: 2 }, { i: 3 }],
  )
  assert.equal(target.hits.length, 12)
  for (let i = 0; i < 12; i += 3) {
    const ids = target.hits.slice(i, i + 3).map(({ headers }) => headers['webhook-id'])
    assert.equal(new Set(ids).size, 1)
  }
  for (const { headers, body } of target.hits) {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    const mac = createHmac('sha256', key).update(signed).digest('base64')
    assert.equal(headers['webhook-signature'], `v1,${mac}`)
  }
})

test('an assured hook goes on where it was, when its node starts again', async () => {
  let open = false
  const accepted: string[] = []
  await using target = await startTarget(({ body }, response) => {
    if (open) accepted.push(body)
    answerJson(response, open ? 200 : 500, {})
  })
  await hook('later', { url: target.url, retry: { initialDelay: '20ms', maxDelay: '20ms' } })
  for (let i = 0; i < 3; i++)
    await alice.post('messages/broadcast?confirm', {
      header: { tag: 'later' },
      data: [{ value: { i } }],
    })
  await until(() => target.hits.length > 1, 'a call that fails')
  await bob.stop()
  assert.deepEqual(accepted, [])
  open = true
  await bob.start()
  await until(() => accepted.length === 3, 'the calls')
  assert.deepEqual(
    accepted.map((body) => JSON.parse(body) as unknown),
    [{ i: 0 }, { i: 1 }, { i: 2 }],
  )
})

test('a hook may shape its request from the message', async () => {
  await using target = await startTarget((_hit, response) => answerJson(response, 200, {}))
  await hook('shaped', {
    url: `${target.url}/base`,
    method: 'PUT',
    headers: { 'x-fixed': 'yes' },
    query: { fixed: '1' },
    input: { path: 'where', query: 'ask', headers: 'say', body: 'what' },
  })
  await alice.post('messages/broadcast', {
    header: { tag: 'shaped' },
    data: [
      {
        value: {
          where: 'a b/c',
          ask: { more: '2' },
          say: { 'x-from': 'alice' },
          what: { only: 'this' },
        },
      },
    ],
  })
  await until(() => target.hits.length === 1, 'the call')
  const [hit] = target.hits
  assert.equal(hit?.method, 'PUT')
  assert.match(hit?.url ?? '', /^\/base\/a%20b\/c\?/)
  const { searchParams } = new URL(hit?.url ?? '', target.url)
  assert.deepEqual(Object.fromEntries(searchParams), { fixed: '1', more: '2' })
  assert.equal(hit?.headers['x-fixed'], 'yes')
  assert.equal(hit?.headers['x-from'], 'alice')
  assert.deepEqual(JSON.parse(hit?.body ?? ''), { only: 'this' })
})

test('hooks with options that cannot be are refused', async () => {
  const rest = createRest(bob)
  for (const [options, error] of [
    [{}, /^CC20802/],
    [{ url: 'ftp://127.0.0.1/' }, /^CC20802/],
    [{ url: 'http://10.1.2.3/' }, /^CC20802/],
    [{ url: 'http://127.0.0.1:9/', method: 'SING' }, /^CC20802/],
    [{ url: 'http://127.0.0.1:9/', batch: true, withData: true }, /^FF10460/],
  ] as const) {
    const { status, body } = await rest.call('POST', `${space}/subscriptions`, {
      name: 'wrong',
      transport: 'webhooks',
      options,
    })
    assert.equal(status, 400)
    assert.match((body as { error: string }).error, error)
  }
})
