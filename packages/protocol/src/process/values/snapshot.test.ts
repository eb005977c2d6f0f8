import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeDecimal } from './decimal.ts'
import { decodeValue, encodeValue } from './snapshot.ts'
import { mapOf, type Value } from './value.ts'

const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.string(),
    fc.bigInt(-(2n ** 255n), 2n ** 255n),
    fc
      .tuple(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.nat(18))
      .map(([units, scale]) => makeDecimal(units, scale)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.string({ maxLength: 3 }), tie('value')), { maxLength: 4 }).map(mapOf),
  ),
}))

test('C5 a kept value comes back as it was, types and all', () => {
  fc.assert(
    fc.property(value, (original) => {
      const text = JSON.stringify(encodeValue(original))
      assert.deepEqual(decodeValue(JSON.parse(text)), original)
    }),
  )
})

test('what was not written by it is refused', () => {
  for (const json of [
    1,
    {},
    { int: 5 },
    { int: 'x' },
    { map: [] },
    { map: null },
    { other: 'x' },
    { int: '1', decimal: '1' },
  ]) {
    assert.throws(() => decodeValue(json), { name: 'RuleFault' })
  }
})
