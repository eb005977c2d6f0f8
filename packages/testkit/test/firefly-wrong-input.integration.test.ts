import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startNetwork } from '../src/network.ts'
import { createRest, space } from './support/rest.ts'

const network = await startNetwork({ parties: ['alice', 'bob'] })
const alice = network.party('alice')
after(() => network[Symbol.asyncDispose]())

const { call, get } = createRest(alice)
const unknownId = '01a209f7-cd4e-7000-a2a9-5fc408c1fa5f'
const toBob = { members: [{ identity: 'bob' }] }

/** What is wrong, how it is asked for, and how it is answered. */
const wrong: readonly (readonly [string, string, unknown, number, RegExp])[] = [
  ['a text that is no JSON', 'messages/broadcast', '{"data":[', 400, /^FF10103/],
  ['no body', 'messages/broadcast', '', 400, /^FF/],
  ['a data item of nothing', 'messages/broadcast', { data: [{}] }, 400, /^FF10205/],
  ['data that is not here', 'messages/broadcast', { data: [{ id: unknownId }] }, 400, /^FF10204/],
  [
    'a blob that is not here',
    'messages/broadcast',
    { data: [{ blob: { hash: 'ab'.repeat(32) } }] },
    400,
    /^FF10204/,
  ],
  [
    'an unknown datatype',
    'messages/broadcast',
    { data: [{ datatype: { name: 'none', version: '1' }, value: 1 }] },
    400,
    /^FF10199/,
  ],
  [
    'half a datatype',
    'messages/broadcast',
    { data: [{ datatype: { name: 'none' }, value: 1 }] },
    400,
    /^FF10202/,
  ],
  [
    'an unknown validator',
    'data',
    { validator: 'guess', datatype: { name: 'none', version: '1' }, value: 1 },
    400,
    /^FF10200/,
  ],
  [
    'a value too large for a batch',
    'messages/broadcast',
    { data: [{ value: 'x'.repeat(900_000) }] },
    400,
    /^FF10328|^FF10327/,
  ],
  [
    'a private value too large',
    'messages/private',
    { group: toBob, data: [{ value: 'x'.repeat(900_000) }] },
    400,
    /^FF10328|^FF10327/,
  ],
  [
    'an unknown group',
    'messages/private',
    { header: { group: 'ab'.repeat(32) }, data: [{ value: 1 }] },
    404,
    /^FF10226/,
  ],
  [
    'no members',
    'messages/private',
    { group: { members: [] }, data: [{ value: 1 }] },
    400,
    /^FF00115/,
  ],
  ['no group', 'messages/private', { data: [{ value: 1 }] }, 400, /^FF00115/],
  [
    'an unknown member',
    'messages/private',
    { group: { members: [{ identity: 'carol' }] }, data: [{ value: 1 }] },
    400,
    /^FF10206/,
  ],
  [
    'a member on another’s node',
    'messages/private',
    { group: { members: [{ identity: 'bob', node: 'alice-node' }] }, data: [{ value: 1 }] },
    400,
    /^FF10422/,
  ],
  [
    'an unknown author',
    'messages/broadcast',
    { header: { author: 'carol' }, data: [{ value: 1 }] },
    400,
    /^FF10206/,
  ],
  [
    'a key of nobody',
    'messages/broadcast',
    { header: { key: `0x${'12'.repeat(20)}` }, data: [{ value: 1 }] },
    404,
    /^FF10356/,
  ],
  [
    'a key that is none',
    'messages/broadcast',
    { header: { key: 'golden' }, data: [{ value: 1 }] },
    400,
    /^FF10141/,
  ],
  [
    'an author with another’s key',
    'messages/broadcast',
    { header: { author: 'did:firefly:org/bob', key: alice.key }, data: [{ value: 1 }] },
    400,
    /^FF10355/,
  ],
  [
    'a topic that is no name',
    'messages/broadcast',
    { header: { topics: ['not a name'] }, data: [{ value: 1 }] },
    400,
    /^FF/,
  ],
  [
    'one topic twice',
    'messages/broadcast',
    { header: { topics: ['a', 'a'] }, data: [{ value: 1 }] },
    400,
    /^CC20706/,
  ],
  [
    'a tag that is no name',
    'messages/broadcast',
    { header: { tag: 'not a tag' }, data: [{ value: 1 }] },
    400,
    /^FF00140/,
  ],
  [
    'a reply id that is none',
    'messages/broadcast',
    { header: { cid: 'seven' }, data: [{ value: 1 }] },
    400,
    /^FF00138: 'seven' is not a UUID$/,
  ],
  [
    'a request with an id to reply to',
    'messages/requestreply',
    { header: { tag: 'q', cid: unknownId }, group: toBob, data: [{ value: 1 }] },
    400,
    /^FF10262/,
  ],
  [
    'a contract transaction',
    'messages/broadcast',
    { header: { txtype: 'contract_invoke_pin' }, data: [{ value: 1 }] },
    400,
    /^FF00130/,
  ],
  ['a datatype without a name', 'datatypes', { version: '1', value: {} }, 400, /^FF00140/],
  ['a subscription without a name', 'subscriptions', {}, 400, /^FF/],
  [
    'a subscription by a way there is none',
    'subscriptions',
    { name: 'pigeons', transport: 'pigeon' },
    400,
    /^FF10172/,
  ],
  ['an unknown batch to cancel', `batches/${unknownId}/cancel`, {}, 404, /^FF/],
  ['an unknown operation to retry', `operations/${unknownId}/retry`, {}, 404, /^FF/],
  ['an unknown network action', 'network/action', { type: 'dance' }, 400, /^CC20002/],
]

test('what is wrong is refused by its name, and changes nothing', async (context) => {
  const before = await get<{ total: number }>('messages?count&limit=1')
  for (const [what, path, body, status, error] of wrong)
    await context.test(what, async () => {
      const answer = await call('POST', `${space}/${path}`, body)
      assert.equal(answer.status, status, JSON.stringify(answer.body))
      assert.match((answer.body as { error: string }).error, error)
    })
  assert.equal((await get<{ total: number }>('messages?count&limit=1')).total, before.total)
})
