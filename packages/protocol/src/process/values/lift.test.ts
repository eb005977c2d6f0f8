import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDecimal } from './decimal.ts'
import { lift } from './lift.ts'
import { mapOf } from './value.ts'

const money = { type: 'string', format: 'decimal' }
const units = { type: 'string', format: 'integer' }

test('numbers become ints, texts of a numeric format numbers, all else stays', () => {
  const schema = {
    type: 'object',
    properties: {
      price: money,
      supply: units,
      lines: { type: 'array', items: { type: 'object', properties: { net: money } } },
      note: { type: 'string' },
    },
    additionalProperties: units,
  }
  const json = {
    price: '9.50',
    supply: '18446744073709551616',
    lines: [{ net: '1' }],
    note: '7',
    extra: '8',
    n: 3,
  }
  assert.deepEqual(
    lift(json, schema),
    mapOf([
      ['price', parseDecimal('9.5')],
      ['supply', 18446744073709551616n],
      ['lines', [mapOf([['net', parseDecimal('1')]])]],
      ['note', '7'],
      ['extra', 8n],
      ['n', 3n],
    ]),
  )
})

test('references are followed, and of several branches the one whose constants are met is taken', () => {
  const schema = {
    $defs: {
      money,
      cash: { properties: { kind: { const: 'cash' }, value: { $ref: '#/$defs/money' } } },
    },
    oneOf: [{ properties: { kind: { const: 'count' }, value: units } }, { $ref: '#/$defs/cash' }],
  }
  assert.deepEqual(
    lift({ kind: 'cash', value: '2.5' }, schema),
    mapOf([
      ['kind', 'cash'],
      ['value', parseDecimal('2.5')],
    ]),
  )
  assert.deepEqual(
    lift({ kind: 'count', value: '2' }, schema),
    mapOf([
      ['kind', 'count'],
      ['value', 2n],
    ]),
  )
  assert.deepEqual(
    lift({ kind: 'other', value: '2' }, schema),
    mapOf([
      ['kind', 'other'],
      ['value', '2'],
    ]),
  )
})

test('C6 names that every object inherits are no schemas and no definitions', () => {
  const schema = { properties: {}, additionalProperties: units, $defs: {} }
  const json = JSON.parse('{"constructor":"1","__proto__":"2"}')
  const expected = mapOf([
    ['constructor', 1n],
    ['__proto__', 2n],
  ])
  assert.deepEqual(lift(json, schema), expected)
  assert.equal(lift('1', { $ref: '#/$defs/constructor' }), '1')
})

test('H3 schemas that refer to themselves come to an end', () => {
  assert.equal(lift('1', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }), '1')
  const list = { type: 'array', items: { $ref: '#/$defs/list' } }
  const deep = JSON.parse(`${'['.repeat(70)}${']'.repeat(70)}`)
  assert.throws(() => lift(deep, { ...list, $defs: { list } }), { code: 'TOO_DEEP' })
})

test('what no number can be is refused', () => {
  assert.throws(() => lift('1e3', money), { code: 'BAD_NUMBER' })
  assert.throws(() => lift('x', units), { code: 'BAD_NUMBER' })
  assert.throws(() => lift(0.5, {}), { code: 'BAD_NUMBER' })
  assert.throws(() => lift((2n ** 256n).toString(), units), { code: 'INT_OVERFLOW' })
})
