import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorBody, errorStatus, errors, NodeError } from '../index.ts'

test('a message begins with its code and has its holes filled', () => {
  const cause = new Error('rpc')
  const error = new NodeError('CC20101', { tx: '0x1', reason: 'paused' }, { cause })
  assert.equal(error.message, 'CC20101: Chain transaction 0x1 was reverted: paused')
  assert.deepEqual([error.status, error.retryable, error.cause], [502, false, cause])
  // @ts-expect-error reason is missing
  new NodeError('CC20101', { tx: '0x1' })
  const any: NodeError = error
  assert.equal(any.code, 'CC20101')
  assert.equal(new NodeError('FF10109').message, 'FF10109: Not found')
})

test('a caller sees codes and facts, and nothing of the inside', () => {
  const known = new NodeError('FF10187', { namespace: 'ns1' })
  assert.deepEqual(errorBody(known), {
    error: "FF10187: No namespace 'ns1'",
    details: { namespace: 'ns1' },
  })
  assert.equal(errorStatus(known), 404)
  assert.deepEqual(errorBody(new NodeError('FF00169')), { error: 'FF00169: Not signed in' })
  for (const thrown of [new Error('password is x'), 'password is x', undefined]) {
    assert.match(errorBody(thrown).error, /^CC20001: /)
    assert.doesNotMatch(JSON.stringify(errorBody(thrown)), /password/)
    assert.equal(errorStatus(thrown), 500)
  }
})

test('codes are sorted and well formed', () => {
  const codes = Object.keys(errors)
  const rank = (code: string): string => (code.startsWith('FF') ? `0${code}` : `1${code}`)
  assert.deepEqual(
    codes,
    codes.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)),
  )
  for (const code of codes) assert.match(code, /^(?:FF|CC2)\d+$/)
})
