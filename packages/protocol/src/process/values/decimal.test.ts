import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addDecimals,
  compareNumbers,
  Decimal,
  divideDecimals,
  isCanonicalDecimal,
  makeDecimal,
  multiplyDecimals,
  parseDecimal,
  type RoundingMode,
  roundDecimal,
  subtractDecimals,
  toDecimal,
  truncateDecimal,
} from './decimal.ts'

const modes: readonly RoundingMode[] = ['UP', 'DOWN', 'HALF_UP', 'HALF_EVEN']
const decimal = fc
  .tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.nat(9))
  .map(([units, scale]) => makeDecimal(units, scale))

test('a decimal has one text', () => {
  const texts = [
    ['1.50', '1.5'],
    ['-0', '0'],
    ['-0.00', '0'],
    ['007', '7'],
    ['0.000000000000000001', '0.000000000000000001'],
    ['-12.034', '-12.034'],
    ['100', '100'],
  ] as const
  for (const [written, canonical] of texts) {
    assert.equal(parseDecimal(written).toString(), canonical)
    assert.equal(isCanonicalDecimal(canonical), true)
    assert.equal(isCanonicalDecimal(written), written === canonical)
  }
})

test('what is no decimal is refused', () => {
  for (const text of ['', '.5', '5.', '1e3', '+1', ' 1', '1,5', '--1', '٣', 'NaN', '0x1']) {
    assert.throws(() => parseDecimal(text), { code: 'BAD_NUMBER' })
    assert.equal(isCanonicalDecimal(text), false)
  }
})

test('56 digits fit and 57 do not; 18 of fraction fit and 19 do not', () => {
  const most = parseDecimal('9'.repeat(56))
  assert.equal(most.toString(), '9'.repeat(56))
  assert.equal(parseDecimal(`-${'9'.repeat(38)}.${'9'.repeat(18)}`).scale, 18)
  assert.throws(() => addDecimals(most, toDecimal(1n)), { code: 'DECIMAL_OVERFLOW' })
  assert.throws(() => parseDecimal(`${'9'.repeat(39)}.${'9'.repeat(18)}`), {
    code: 'DECIMAL_OVERFLOW',
  })
  assert.throws(() => parseDecimal(`0.${'1'.repeat(19)}`), { code: 'BAD_NUMBER' })
  const small = parseDecimal(`0.${'0'.repeat(17)}1`)
  assert.throws(() => multiplyDecimals(small, small), { code: 'DECIMAL_OVERFLOW' })
  assert.equal(multiplyDecimals(small, toDecimal(10n ** 18n)).toString(), '1')
})

test('arithmetic is exact and its laws hold', () => {
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      assert.deepEqual(subtractDecimals(addDecimals(a, b), b), a)
      assert.deepEqual(multiplyDecimals(a, b), multiplyDecimals(b, a))
      assert.equal(compareNumbers(a, b), -compareNumbers(b, a))
      assert.equal(compareNumbers(a, b) === 0, a.toString() === b.toString())
      assert.deepEqual(parseDecimal(a.toString()), a)
      assert.equal(isCanonicalDecimal(a.toString()), true)
    }),
  )
})

test('rounding gives a neighbour, and the nearer one unless told otherwise', () => {
  fc.assert(
    fc.property(decimal, fc.nat(9), (value, scale) => {
      const step = makeDecimal(1n, scale)
      for (const mode of modes) {
        const rounded = roundDecimal(value, scale, mode)
        const distance = subtractDecimals(value, rounded)
        const size = distance.units < 0n ? new Decimal(-distance.units, distance.scale) : distance
        assert.ok(compareNumbers(size, step) < 0)
        if (mode.startsWith('HALF')) {
          assert.ok(compareNumbers(multiplyDecimals(size, toDecimal(2n)), step) <= 0)
        }
      }
    }),
  )
})

test('halves and signs round as each mode says', () => {
  const rounded = (text: string): string[] =>
    modes.map((mode) => roundDecimal(parseDecimal(text), 0, mode).toString())
  assert.deepEqual(rounded('2.5'), ['3', '2', '3', '2'])
  assert.deepEqual(rounded('-2.5'), ['-3', '-2', '-3', '-2'])
  assert.deepEqual(rounded('3.5'), ['4', '3', '4', '4'])
  assert.deepEqual(rounded('-0.4'), ['-1', '0', '0', '0'])
  assert.deepEqual(rounded('2'), ['2', '2', '2', '2'])
})

test('division rounds once', () => {
  const quotient = (a: string, b: string, scale: number): string[] =>
    modes.map((mode) => divideDecimals(parseDecimal(a), parseDecimal(b), scale, mode).toString())
  assert.deepEqual(quotient('1', '3', 4), ['0.3334', '0.3333', '0.3333', '0.3333'])
  assert.deepEqual(quotient('-1', '8', 2), ['-0.13', '-0.12', '-0.13', '-0.12'])
  assert.deepEqual(quotient('1', '-0.5', 0), ['-2', '-2', '-2', '-2'])
  // A second rounding of 0.44…45 to 0.445 would make it 0.45.
  assert.deepEqual(quotient('0.4444444444444444', '1', 2), ['0.45', '0.44', '0.44', '0.44'])
  assert.throws(() => quotient('1', '0', 2), { code: 'DIVIDE_BY_ZERO' })
})

test('ints of any size compare with decimals', () => {
  assert.equal(compareNumbers(2n ** 255n, parseDecimal('0.5')), 1)
  assert.equal(compareNumbers(parseDecimal('3.0'), 3n), 0)
  assert.equal(truncateDecimal(parseDecimal('-1.9')), -1n)
})
