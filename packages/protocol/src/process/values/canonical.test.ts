import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson, toCanonical } from './canonical.ts'
import { parseDecimal } from './decimal.ts'
import { parseStrict, STRICT_LIMITS } from './parse-strict.ts'
import { mapOf, type Value } from './value.ts'

const json = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 4 }), tie('json'), { maxKeys: 4 }),
  ),
})).json

test("canonical JSON is RFC 8785's: sorted by UTF-16 units, no space, shortest escapes", () => {
  const keys = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33']
  const object = Object.fromEntries(keys.toReversed().map((key) => [key, keys.indexOf(key)]))
  const members = keys.map((key, i) => `${JSON.stringify(key)}:${i}`)
  assert.equal(canonicalJson(object), `{${members.join(',')}}`)
  assert.equal(
    canonicalJson({ b: [1, -2, null, true], a: { '10': 1, '9': 2 } }),
    '{"a":{"10":1,"9":2},"b":[1,-2,null,true]}',
  )
  assert.equal(
    canonicalJson('\u0000\u001f"\\\u007f\u2028/'),
    '"\\u0000\\u001f\\"\\\\\u007f\u2028/"',
  )
})

test('C6 canonical JSON does not depend on the order in which keys were added', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer(), { maxKeys: 8 }), (object) => {
      const turned = Object.fromEntries(Object.entries(object).reverse())
      assert.equal(canonicalJson(turned), canonicalJson(object))
    }),
  )
})

test('canonical JSON is read back as the same data, and is its own canonical form', () => {
  fc.assert(
    fc.property(json, (data) => {
      const text = canonicalJson(data)
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(data)))
      assert.equal(canonicalJson(parseStrict(text, { ...STRICT_LIMITS, maxDepth: 64 })), text)
    }),
  )
})

test('H1 what is no plain JSON has no canonical form', () => {
  const holes: unknown[] = []
  holes.length = 2
  const bad: unknown[] = [
    ...[0.5, -0, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, 1n, undefined, Symbol('x')],
    ...['\ud800', { '\udc00': 1 }, new Date(0), new Map(), [undefined], holes, () => 1],
    ...[Object.create({ inherited: 1 }), { a: undefined }, new Uint8Array(1), parseDecimal('1')],
  ]
  for (const data of bad) assert.throws(() => canonicalJson(data), { code: 'NOT_JSON' })
})

test('H1 nesting beyond 64 is refused, not overflowed', () => {
  const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))
  assert.equal(canonicalJson(nested(64)).length, 128)
  for (const depth of [65, 5000]) {
    assert.throws(() => canonicalJson(nested(depth)), { code: 'TOO_DEEP' })
    let value: Value = 1n
    for (let i = 0; i < depth; i++) value = [value]
    assert.throws(() => toCanonical(value), { code: 'TOO_DEEP' })
  }
})

test('of values, ints beyond 2^53 and all decimals become texts', () => {
  const value = mapOf([
    ['small', 9_007_199_254_740_991n],
    ['large', 9_007_199_254_740_993n],
    ['negative', -(2n ** 60n)],
    ['price', parseDecimal('95.50')],
    ['__proto__', [null, true, 'x', parseDecimal('2')]],
  ])
  assert.equal(
    canonicalJson(toCanonical(value)),
    '{"__proto__":[null,true,"x","2"],"large":"9007199254740993","negative":"-1152921504606846976","price":"95.5","small":9007199254740991}',
  )
})
