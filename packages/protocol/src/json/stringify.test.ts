import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RawJson } from './raw-json.ts'
import { compareBytes, sortedJson, spliceJson, stringifyGo } from './stringify.ts'

test('a string is written as Go writes it', () => {
  assert.equal(stringifyGo('plain é \u007f'), '"plain é \u007f"')
  assert.equal(stringifyGo('"\\\n\r\t\b\f\u0001'), String.raw`"\"\\\n\r\t\b\f\u0001"`)
  assert.equal(stringifyGo('<>&\u2028\u2029'), String.raw`"\u003c\u003e\u0026\u2028\u2029"`)
  assert.equal(stringifyGo('a\ud800b'), '"a\ufffdb"')
  assert.equal(stringifyGo('😀'), '"😀"')
})

test('any string reads back as itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(JSON.parse(stringifyGo(text)), text.toWellFormed())
    }),
  )
})

test('texts are ordered by their bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
})

test('maps have their keys in byte order', () => {
  assert.equal(
    sortedJson({ b: [{ z: 1, y: null }], a: undefined, 10: 1, 9: true, '😀': 1, '\uffee': 2 }),
    '{"10":1,"9":true,"b":[{"y":null,"z":1}],"\uffee":2,"😀":1}',
  )
  assert.equal(
    sortedJson(new RawJson('{"b":1.50,"a":12345678901234567890}')),
    '{"a":12345678901234567000,"b":1.5}',
  )
})

test('kept text is put in as it is', () => {
  const value = {
    a: [1, { v: new RawJson('1.0') }],
    b: undefined,
    '"': new RawJson('{"x":1,"x":2}'),
    c: {},
  }
  assert.equal(spliceJson(value), '{"a":[1,{"v":1.0}],"\\"":{"x":1,"x":2},"c":{}}')
  assert.equal(spliceJson(new RawJson('1e2')), '1e2')
})

test('without kept text, it is JSON.stringify', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => assert.equal(spliceJson(value), JSON.stringify(value))),
  )
})
