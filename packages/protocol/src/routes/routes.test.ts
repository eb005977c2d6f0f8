import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Call,
  type getMsgByID,
  type postNewMessageBroadcast,
  type Reply,
  routes,
} from './index.ts'

test('ids are unique, and so are method and path', () => {
  assert.equal(new Set(routes.map(({ id }) => id)).size, routes.length)
  const places = routes.map(({ method, path }) => `${method} ${path.replace(/:\w+/g, ':')}`)
  const twice = places.filter((place, i) => places.indexOf(place) !== i)
  assert.deepEqual(twice, [])
})

test('path parameters are described', () => {
  for (const { path, params, id } of routes) {
    const named = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name)
    const { properties = {} } = (params ?? {}) as { properties?: object }
    assert.deepEqual(Object.keys(properties), named, id)
  }
})

test('what takes a body says so, and only that', () => {
  for (const { method, body, id } of routes)
    assert.equal(body !== undefined, method !== 'GET' && method !== 'DELETE', id)
})

test('calls and replies are typed', () => {
  const call: Call<typeof postNewMessageBroadcast> = {
    query: { confirm: true },
    body: { header: { topics: ['a'] }, data: [{ value: { any: 1 } }] },
  }
  // @ts-expect-error topics are texts
  const wrong: Call<typeof postNewMessageBroadcast> = { body: { header: { topics: [1] } } }
  // @ts-expect-error the id is missing
  const none: Call<typeof getMsgByID> = {}
  const stateOf = (reply: Reply<typeof postNewMessageBroadcast>): string | undefined => reply.state
  assert.ok(call && wrong && none && stateOf)
})
