import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hash } from 'bcryptjs'
import { createSystemWorld } from '../lib/world.ts'
import { createAuth, parseUsers } from './auth.ts'
import { createTestNamespace, createTestServer, openTestDatabase } from './testing.ts'

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

const server = new Map([
  ['ann', await hash('a:b:c', 4)],
  ['bob', await hash('bob', 4)],
])
const own = new Map([['ann', server.get('ann') ?? '']])

const world = createSystemWorld()
const auth = createAuth({ server, namespaces: new Map([['private', own]]) }, world)
const check = async (header: string | undefined, namespace?: string): Promise<string> => {
  try {
    await auth.check(header, namespace)
    return 'yes'
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('a password may hold colons', async () => {
  assert.equal(await check(basic('ann', 'a:b:c')), 'yes')
  assert.equal(await check(basic('ann', 'a')), 'FF00169')
})

test('no, broken or unknown credentials are FF00169', async () => {
  for (const header of [undefined, '', 'Basic', 'Basic !!', 'Bearer x', basic('eve', 'x')])
    assert.equal(await check(header), 'FF00169', header)
  assert.equal(await check(`Basic ${Buffer.from('nocolon').toString('base64')}`), 'FF00169')
})

test("someone else's namespace is FF00170", async () => {
  assert.equal(await check(basic('bob', 'bob'), 'private'), 'FF00170')
  assert.equal(await check(basic('bob', 'wrong'), 'private'), 'FF00169')
  assert.equal(await check(basic('bob', 'bob'), 'open'), 'yes')
  assert.equal(await check(basic('ann', 'a:b:c'), 'private'), 'yes')
})

test('who is signed in is known where somebody has to be', () => {
  assert.equal(auth.userOf(basic('ann', 'a:b:c'), 'private'), 'ann')
  const open = createAuth({ namespaces: new Map([['private', own]]) }, world)
  assert.equal(open.userOf(basic('eve', 'x'), 'open'), undefined, 'a name that nobody has checked')
  assert.equal(open.userOf(basic('ann', 'a:b:c'), 'private'), 'ann')
})

test('what was right is remembered, for a minute', async () => {
  let now = 0
  const fresh = createAuth({ server, namespaces: new Map() }, { ...world, now: () => now })
  const header = basic('bob', 'bob')
  assert.ok(fresh.check(header, undefined) instanceof Promise)
  await fresh.check(header, undefined)
  assert.equal(fresh.check(header, undefined), undefined)
  now = 60_001
  const again = fresh.check(header, undefined)
  assert.ok(again instanceof Promise)
  await again
})

test('without users everyone may', () => {
  const open = createAuth({ namespaces: new Map() }, world)
  assert.equal(open.check(undefined, 'any'), undefined)
})

test('many wrong guesses at once are pushed back', async () => {
  const guesses = Array.from({ length: 100 }, (_, i) => check(basic('bob', `guess ${i}`)))
  const answers = new Set(await Promise.all(guesses))
  assert.deepEqual([...answers].sort(), ['CC20501', 'FF00169'])
})

test('a server asks every route and document', async () => {
  await using database = await openTestDatabase()
  const namespaces = ['default', 'private'].map((name) => createTestNamespace(database, { name }))
  await using api = await createTestServer(namespaces, { auth })
  for (const url of ['/api/v1/messages', '/api/v1/namespaces', '/api', '/api/openapi.json']) {
    const reply = await api.app.inject(url)
    assert.equal(reply.statusCode, 401, url)
    assert.match(reply.body, /FF00169/)
    assert.match(String(reply.headers['www-authenticate']), /^Basic realm=/)
    const signedIn = await api.app.inject({
      url,
      headers: { authorization: basic('bob', 'bob') },
    })
    assert.equal(signedIn.statusCode, 200, url)
  }
  const forbidden = await api.app.inject({
    url: '/api/v1/namespaces/private/messages',
    headers: { authorization: basic('bob', 'bob') },
  })
  assert.equal(forbidden.statusCode, 403)
  assert.equal((await api.app.inject('/livez')).statusCode, 200)
})

test('a password file', async () => {
  const line = `ann:${await hash('x', 4)}`
  assert.deepEqual([...parseUsers(`# users\n\n${line}\r\n`, 'f').keys()], ['ann'])
  assert.throws(() => parseUsers(`${line}\nbob:plain`, 'users.txt'), /users\.txt, line 2/)
})
