import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkInt, INT_BOUND, isCanonicalInteger, parseInteger } from './integer.ts'

test('ints reach to 2^256, not including it', () => {
  for (const sign of [1n, -1n]) {
    const most = sign * (INT_BOUND - 1n)
    assert.equal(checkInt(most), most)
    assert.equal(parseInteger(most.toString()), most)
    assert.equal(isCanonicalInteger(most.toString()), true)
    assert.throws(() => checkInt(sign * INT_BOUND), { code: 'INT_OVERFLOW' })
    assert.throws(() => parseInteger((sign * INT_BOUND).toString()), { code: 'INT_OVERFLOW' })
    assert.equal(isCanonicalInteger((sign * INT_BOUND).toString()), false)
  }
})

test('an int is written with digits and a minus', () => {
  assert.equal(parseInteger('-007'), -7n)
  for (const text of ['', '-', '+1', '1.0', '0x1', ' 1', '1e3', '٣', '1'.repeat(79)]) {
    assert.throws(() => parseInteger(text), { code: 'BAD_NUMBER' })
    assert.equal(isCanonicalInteger(text), false)
  }
  assert.deepEqual(['-0', '00', '0', '-1'].map(isCanonicalInteger), [false, false, true, true])
})
