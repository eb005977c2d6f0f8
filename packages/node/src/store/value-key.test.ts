import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareBytes } from '@concordat/protocol'
import { compareNumbers, parseDecimal, parseInteger } from '@concordat/protocol/process'
import fc from 'fast-check'
import { keyOf, keysOfText } from './value-key.ts'

const decimal = { type: 'string', format: 'decimal' } as const
const integer = { type: 'string', format: 'integer' } as const

const sign = (n: number): number => Math.sign(n)
const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${max}}$`))
const wholeText = fc
  .tuple(fc.constantFrom('', '-'), fc.oneof(digits(3), digits(20), digits(76)))
  .map(([minus, whole]) => minus + whole)
const decimalText = fc
  .tuple(fc.constantFrom('', '-'), fc.oneof(digits(2), digits(30)), fc.oneof(digits(2), digits(18)))
  .map(([minus, whole, fraction]) => `${minus}${whole}.${fraction}`)
const numberText = fc.oneof(wholeText, decimalText, fc.constantFrom('0', '-0', '0.0', '9.99', '10'))
const numberOf = (text: string) => (text.includes('.') ? parseDecimal(text) : parseInteger(text))
const keyOfNumber = (text: string) => keyOf(text, text.includes('.') ? decimal : integer) ?? ''

test('keys of numbers are in the order of the numbers, whatever their size and spelling', () => {
  fc.assert(
    fc.property(numberText, numberText, (a, b) => {
      const expected = sign(compareNumbers(numberOf(a), numberOf(b)))
      assert.equal(sign(compareBytes(keyOfNumber(a), keyOfNumber(b))), expected)
    }),
    { numRuns: 3000 },
  )
})

test('a number has one key, as an integer, a decimal, or in a query', () => {
  for (const texts of [
    ['12', '12.0', '012.00'],
    ['-7', '-7.0'],
    ['0', '-0', '0.0'],
  ]) {
    const keys = texts.flatMap((text) => [keyOfNumber(text), keysOfText(text)[0]])
    assert.equal(new Set([...keys, keyOf(Number(texts[0]))]).size, 1, texts.join())
  }
})

test('keys of texts are in the order of code points', () => {
  const text = fc.string({ unit: 'binary', maxLength: 5 }).filter((one) => !one.includes('\0'))
  fc.assert(
    fc.property(text, text, (a, b) => {
      const order = sign(compareBytes(keyOf(a) ?? '', keyOf(b) ?? ''))
      assert.equal(order, sign(compareBytes(a, b)))
    }),
  )
})

test('any text has a bounded key without U+0000 and without half a surrogate pair', () => {
  const long = fc.string({ unit: 'binary', minLength: 200, maxLength: 400 })
  fc.assert(
    fc.property(fc.oneof(long, fc.constant(`x${'😀'.repeat(200)}`)), (text) => {
      const key = keyOf(text) ?? ''
      assert.ok(key.length <= 256 && key.isWellFormed() && !key.includes('\0'))
    }),
  )
})

test('what is neither text, number nor truth has no key', () => {
  for (const value of [null, [], [1], {}]) assert.equal(keyOf(value), undefined)
  assert.deepEqual([keyOf(true), keyOf(false)], ['b1', 'b0'])
})

test('the schema says whether a text is a number', () => {
  assert.equal(keyOf('12'), 's12')
  assert.equal(keyOf('12', { type: 'string' }), 's12')
  assert.equal(keyOf('12', { oneOf: [{ type: 'null' }, decimal] }), 'n10212')
  assert.equal(keyOf('x', { oneOf: [decimal, { const: 'x' }] }), 'sx')
})

test('a text in a query means all that it can mean', () => {
  assert.deepEqual(keysOfText('12.5'), ['n102125', 's12.5'])
  assert.deepEqual(keysOfText('true'), ['b1', 'strue'])
  assert.deepEqual(keysOfText('x'), ['sx'])
})
