import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameOf, withMetadata } from './blob-metadata.ts'

const content = { async *[Symbol.asyncIterator]() {} }

test('a blob is called by its value, else by its file', () => {
  assert.deepEqual(nameOf('{"name":"report"}', 'a.pdf'), { name: 'report' })
  assert.deepEqual(nameOf('{"path":"/2026/q1"}', 'a.pdf'), { name: '/2026/q1/a.pdf' })
  assert.deepEqual(nameOf('{"path":"/2026"}', undefined), {})
  assert.deepEqual(nameOf('{"name":"","path":7}', 'a.pdf'), { name: 'a.pdf' })
  assert.deepEqual(nameOf('"text"', 'a.pdf'), { name: 'a.pdf' })
  assert.deepEqual(nameOf(undefined, undefined), {})
})

test('metadata joins the fields of a value that is an object, in order of name', () => {
  const blob = { content, filename: 'a.pdf', mimetype: 'application/pdf' }
  assert.equal(
    withMetadata('{"z":1,"filename":"other"}', blob),
    '{"filename":"a.pdf","mimetype":"application/pdf","z":1}',
  )
  assert.equal(withMetadata('[1]', { content, filename: 'a.pdf' }), '{"filename":"a.pdf"}')
  assert.equal(withMetadata(undefined, { content }), '{}')
})
