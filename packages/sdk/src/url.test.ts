import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toUrl } from './url.ts'

const base = 'http://node:5000'

test('parameters are escaped; the rest of a path keeps its slashes', () => {
  const one = toUrl(base, { path: '/messages/:msgid' }, 'a b', { params: { msgid: 'x/y?' } })
  assert.equal(one, 'http://node:5000/api/v1/namespaces/a%20b/messages/x%2Fy%3F')
  const rest = toUrl(base, { path: '/identities/:did*' }, 'default', {
    params: { did: 'did:firefly:org/a b' },
  })
  assert.equal(
    rest,
    'http://node:5000/api/v1/namespaces/default/identities/did%3Afirefly%3Aorg/a%20b',
  )
})

test('a global route is below no namespace', () => {
  assert.equal(
    toUrl(base, { path: '/namespaces', global: true }, 'default', {}),
    'http://node:5000/api/v1/namespaces',
  )
})

test('a query leaves out what is undefined, and repeats what has several values', () => {
  const query = { id: ['1', '2'], limit: 5, confirm: true, tag: undefined, created: '>=0&' }
  assert.equal(
    toUrl(base, { path: '/messages' }, 'default', { query }).split('?')[1],
    'id=1&id=2&limit=5&confirm=true&created=%3E%3D0%26',
  )
})
