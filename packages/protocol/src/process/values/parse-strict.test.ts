import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NodeError } from '../../errors/node-error.ts'
import { parseStrict } from './parse-strict.ts'

const refused = { code: 'FF10103' }

test('objects have no prototype and keep odd keys', () => {
  const value = parseStrict('{"__proto__":1,"constructor":{"10":2}}')
  assert.equal(Object.getPrototypeOf(value), null)
  assert.deepEqual(Object.keys(value ?? {}), ['__proto__', 'constructor'])
})

test('H1 a key that stands twice is refused, equal values or not, escaped or not', () => {
  for (const text of [
    '{"a":1,"a":1}',
    '{"a":1,"b":{"c":1,"\\u0063":2}}',
    '{"__proto__":1,"__proto__":1}',
  ]) {
    assert.throws(() => parseStrict(text), refused)
  }
})

test('H1 numbers other than whole ones within 2^53-1 in their one spelling are refused', () => {
  for (const text of [
    '1.0',
    '1e2',
    '-0',
    '9007199254740992',
    '-9007199254740992',
    '0.5',
    '1E400',
  ]) {
    assert.throws(() => parseStrict(text), refused)
    assert.throws(() => parseStrict(`{"a":[${text}]}`), refused)
  }
  assert.deepEqual(
    parseStrict('[9007199254740991,-9007199254740991,0]'),
    [9007199254740991, -9007199254740991, 0],
  )
})

test('H1 half surrogate pairs are refused in texts and keys, written or escaped', () => {
  for (const text of ['"\\ud800"', '{"\\udc00":1}', '"\ud800"', '"\\ud800x\\udc00"']) {
    assert.throws(() => parseStrict(text), refused)
  }
  assert.equal(parseStrict('"\\ud83d\\ude00"'), '😀')
})

test('H1 size counts bytes, and both limits are exact', () => {
  const limits = { maxBytes: 10, maxDepth: 2 }
  assert.equal(parseStrict('"éééé"', limits), 'éééé')
  assert.equal(parseStrict(new TextEncoder().encode('"éééé"'), limits), 'éééé')
  assert.throws(() => parseStrict('"ééééx"', limits), refused)
  assert.throws(() => parseStrict(new TextEncoder().encode('"ééééx"'), limits), refused)
  assert.deepEqual(parseStrict('[[1]]', limits), [[1]])
  assert.throws(() => parseStrict('[[[1]]]', limits), refused)
  assert.throws(() => parseStrict(Uint8Array.of(0x22, 0xff, 0x22)), refused)
})

test('H1 whatever the bytes, there is a value or a refusal', () => {
  const token = fc.constantFrom(
    ...['{', '}', '[', ']', ',', ':', '"a"', '"b"', '"', '\\', '1', '-', '0', '.', 'e', ' '],
    ...['true', 'null', '"\\ud800"', '"__proto__":', '\u0000'],
  )
  const text = fc.oneof(
    fc.array(token, { maxLength: 16 }).map((tokens) => tokens.join('')),
    fc.json(),
    fc.uint8Array({ maxLength: 40 }),
  )
  fc.assert(
    fc.property(text, (source) => {
      try {
        parseStrict(source)
      } catch (error) {
        assert.ok(error instanceof NodeError && error.code === 'FF10103')
      }
    }),
    { numRuns: 2000 },
  )
})
