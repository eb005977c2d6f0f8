import assert from 'node:assert/strict'
import type { Network } from '../src/network.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { createRest, space } from './support/rest.ts'

const nul = 'a\u0000b'
const value = { data: [{ value: 1 }] }
const toSelf = { members: [{ identity: 'alice' }] }

/** Where it stands, by what it is called in the answer. */
const bodies: readonly (readonly [string, string, object])[] = [
  ['messages/broadcast', 'data[0].value', { data: [{ value: nul }] }],
  ['messages/broadcast', 'data[1].value.a[0]', { data: [{ value: 1 }, { value: { a: [nul] } }] }],
  ['messages/broadcast', 'data[0].value["a\\u0000b"]', { data: [{ value: { [nul]: 1 } }] }],
  ['messages/broadcast', 'header.tag', { ...value, header: { tag: nul } }],
  ['messages/broadcast', 'header.topics[0]', { ...value, header: { topics: [nul] } }],
  ['messages/broadcast', 'header.cid', { ...value, header: { cid: nul } }],
  ['messages/broadcast', 'header.author', { ...value, header: { author: nul } }],
  ['messages/broadcast', 'header.key', { ...value, header: { key: nul } }],
  ['messages/broadcast', 'idempotencyKey', { ...value, idempotencyKey: nul }],
  ['messages/private', 'group.name', { ...value, group: { ...toSelf, name: nul } }],
  [
    'messages/private',
    'group.members[0].identity',
    { ...value, group: { members: [{ identity: nul }] } },
  ],
  ['messages/requestreply', 'header.tag', { ...value, header: { tag: nul }, group: toSelf }],
  ['data', 'value', { value: nul }],
  ['data', 'datatype.name', { value: 1, datatype: { name: nul, version: '1' } }],
  ['datatypes', 'value.title', { name: 'a', version: '1', value: { title: nul } }],
  ['identities', 'name', { name: nul, parent: 'alice' }],
  ['identities', 'profile.x', { name: 'shop', parent: 'alice', profile: { x: nul } }],
  ['network/organizations', 'description', { name: 'shop', description: nul }],
  ['subscriptions', 'name', { name: nul }],
  ['subscriptions', 'filter.message.tag', { name: 's', filter: { message: { tag: nul } } }],
  ['subscriptions', 'options.url', { name: 's', transport: 'webhooks', options: { url: nul } }],
  ['verifiers/resolve', 'value', { value: nul }],
]

const paths: readonly (readonly [string, string])[] = [
  ['datatypes/%00/1', 'name'],
  ['datatypes/a/1%00', 'version'],
  ['network/organizations/%00', 'nameOrId'],
  ['network/nodes/a%00', 'nameOrId'],
  ['network/identities/did:firefly:org%2F%00', 'did'],
  ['identities/did:firefly:org/%00', 'did'],
  ['identities/%00', 'iid'],
  ['messages/%00', 'msgid'],
  ['datasubpaths/a/%00', 'parent'],
  ['messages?tag=%00', 'tag'],
  ['messages?tag=a&TAG=^b%00', 'tag'],
  ['data?blob.path=@%00', 'blob.path'],
  ['subscriptions?name=%00', 'name'],
  ['identities?sort=%00', 'sort'],
]

async function refusesNul({ parties: [alice] }: Network): Promise<void> {
  assert.ok(alice)
  const { call, get } = createRest(alice)
  const count = async (): Promise<number> =>
    (await get<{ total: number }>('messages?count&limit=1')).total
  const before = await count()
  const refused = async (method: string, path: string, field: string, body?: object) => {
    const answer = await call(method, `${space}/${path}`, body)
    assert.deepEqual(
      answer,
      {
        status: 400,
        body: {
          error: `CC20005: '${field}' holds the character U+0000, which no text may hold`,
          details: { field },
        },
      },
      `${method} ${path} ${field}`,
    )
  }
  for (const [path, field, body] of bodies) await refused('POST', path, field, body)
  for (const [path, field] of paths) await refused('GET', path, field)
  assert.equal(await count(), before)
}

/** What only looks like it is text like any other. */
async function keepsBackslashes({ parties: [alice] }: Network): Promise<void> {
  assert.ok(alice)
  const { call } = createRest(alice)
  const text = '\\u0000 and %00'
  const sent = await call('POST', `${space}/messages/broadcast?confirm`, {
    data: [{ value: text }],
  })
  assert.equal(sent.status, 200, JSON.stringify(sent.body))
  const { header } = sent.body as { header: { id: string } }
  const data = await call('GET', `${space}/messages/${header.id}/data?value=%2500`)
  assert.deepEqual(
    (data.body as { value: string }[]).map((each) => each.value),
    [text],
  )
}

tellOnEachDialect(
  { parties: ['alice'] },
  {
    'U+0000 is refused wherever it stands, by the name of the place': refusesNul,
    'what only looks like U+0000 is kept': keepsBackslashes,
  },
)
