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

test('keeps what was decided on a step, and what is wrong in a definition', () => {
  const decision = { process: 'p', n: 4, verdict: 'rejected', code: 'CONFLICT', time: 't' }
  const lost = toApiError(409, JSON.stringify({ error: 'CC21010: late', decision }))
  assert.deepEqual([lost.code, lost.decision, lost.faults], ['CC21010', decision, []])
  const faults = [{ code: 'X', path: '$', message: 'm', mend: 'n' }]
  assert.deepEqual(toApiError(400, JSON.stringify({ error: 'CC21001: x', faults })).faults, faults)
  const odd = toApiError(400, '{"error":"CC21001: x","details":null,"faults":null}')
  assert.deepEqual([odd.details, odd.faults, odd.decision], [{}, [], undefined])
})
