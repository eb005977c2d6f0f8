import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toApiError } from './api-error.ts'

test("reads the node's refusals", () => {
  const body = '{"error":"FF10187: Namespace \'x\' does not exist","details":{"namespace":"x"}}'
  const error = toApiError(404, body)
  assert.deepEqual(
    [error.status, error.code, error.details, error.retryable],
    [404, 'FF10187', { namespace: 'x' }, false],
  )
  assert.equal(toApiError(408, '{"error":"FF00166: late"}').retryable, true)
})

test('keeps what something in between says', () => {
  const error = toApiError(502, '<html>Bad gateway</html>')
  assert.deepEqual([error.status, error.code, error.retryable], [502, '', true])
  assert.match(error.message, /Bad gateway/)
  assert.equal(toApiError(500, 'null').code, '')
})
