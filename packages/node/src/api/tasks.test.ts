import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Database } from '../store/database.ts'
import type { ApiServer } from './server.ts'
import {
  type Calls,
  createTestNamespace,
  createTestServer,
  ID,
  openTestDatabase,
} from './testing.ts'

type Post = (
  what: string,
  body: object,
  headers?: Record<string, string>,
) => Promise<{
  readonly statusCode: number
  readonly text: string
  readonly call: Calls[number] | undefined
}>

/** What a task’s route answers, and what it had done. */
async function postTo(
  server: ApiServer,
  calls: Calls,
  ...[what, body, headers = {}]: Parameters<Post>
): ReturnType<Post> {
  calls.length = 0
  const { statusCode, body: text } = await server.app.inject({
    method: 'POST',
    url: `/api/v1/tasks/${ID}/${what}`,
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(body),
  })
  return { statusCode, text, call: calls[0] }
}

/** Where nobody has to sign in, and where ann is signed in. */
for (const user of [undefined, 'ann'])
  describe(user === undefined ? 'without sign-in' : 'signed in', () => {
    const calls: Calls = []
    let database: Database
    let server: ApiServer
    before(async () => {
      database = await openTestDatabase()
      const auth = { check: () => undefined, userOf: () => user }
      server = await createTestServer([createTestNamespace(database, { calls })], { auth })
    })
    after(async () => {
      await server[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    })

    const post: Post = (...args) => postTo(server, calls, ...args)

    test('an actor claims, hands on and comments', async () => {
      const claim = await post('claim', { actor: 'ann' })
      assert.equal(claim.statusCode, 200, claim.text)
      assert.deepEqual(claim.call, ['tasks.claim', ID, 'ann'])
      const delegate = await post('delegate', { actor: 'ann', to: 'group:buyers' })
      assert.deepEqual(delegate.call, ['tasks.delegate', ID, 'ann', 'group:buyers'])
      const comment = await post('comments', { actor: 'ann', text: 'Look.' })
      assert.deepEqual(comment.call, ['tasks.comment', ID, 'ann', 'Look.'])
      assert.equal((await post('delegate', { actor: 'ann' })).statusCode, 400)
      assert.equal((await post('comments', { actor: 'ann', text: '' })).statusCode, 400)
    })

    test('what waits for a second person is 202', async () => {
      const { statusCode, call } = await post('complete', { actor: 'ann', input: { price: '1' } })
      assert.equal(statusCode, 202)
      assert.deepEqual(call?.slice(0, 3), ['tasks.complete', ID, 'ann'])
      const bad = await post('complete', { actor: 'ann', input: [1] })
      assert.match(bad.text, /CC21009/)
    })

    test('the actor is who is signed in, else who the caller names', async () => {
      const other = await post('claim', { actor: 'ben' })
      const header = await post('claim', {}, { 'x-actor': 'ben' })
      const nobody = await post('claim', {})
      if (user === undefined) {
        assert.deepEqual(other.call, ['tasks.claim', ID, 'ben'])
        assert.deepEqual(header.call, ['tasks.claim', ID, 'ben'])
        assert.match(nobody.text, /CC21103/)
      } else {
        assert.equal(other.statusCode, 403)
        assert.match(other.text, /CC21104/)
        assert.equal(header.statusCode, 403)
        assert.deepEqual(nobody.call, ['tasks.claim', ID, 'ann'])
      }
    })

    test('lists take conditions, and what is the actor’s own', async () => {
      for (const query of [
        'open',
        'mine&actor=ann',
        'ours&actor=ann',
        'due=<2026-01-01T00:00:00Z',
        'count',
      ]) {
        const { statusCode, body } = await server.app.inject(`/api/v1/tasks?${query}`)
        assert.equal(statusCode, 200, body)
      }
      const stranger = await server.app.inject('/api/v1/tasks?mine&actor=ben')
      assert.equal(stranger.statusCode, user === undefined ? 200 : 403)
    })
  })
