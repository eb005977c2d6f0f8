import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeValue } from '../values/snapshot.ts'
import { createMeter } from './meter.ts'
import { compileRule } from './rule.ts'
import { outcomeOf } from './rules.testing.ts'

/** A value as text; a fault as its code. */
function shown(text: string): string {
  const { value, fault } = outcomeOf(text)
  return value === undefined ? (fault ?? '') : JSON.stringify(encodeValue(value))
}

function hold(results: Readonly<Record<string, string>>): void {
  for (const [text, result] of Object.entries(results)) assert.equal(shown(text), result, text)
}

const int = (value: number | string): string => JSON.stringify({ int: String(value) })
const decimal = (value: string): string => JSON.stringify({ decimal: value })

test('arithmetic on ints truncates, on decimals is exact, and mixes', () => {
  hold({
    '7 / 2': int(3),
    '-7 / 2': int(-3),
    '-7 % 3': int(-1),
    '7 % -3': int(1),
    '0.1 + 0.2 == 0.3': 'true',
    '1.5 + 1': decimal('2.5'),
    '2 - 0.5': decimal('1.5'),
    '2.0 * 3': decimal('6'),
    '1.0 == 1': 'true',
    '1 in [1.0]': 'true',
    '2 < 2.5 && 2.5 <= 3': 'true',
    '1.0 / 2': 'NO_OVERLOAD',
    '1.5 % 1': 'NO_OVERLOAD',
    '1 / 0': 'DIVIDE_BY_ZERO',
    '1 % 0': 'DIVIDE_BY_ZERO',
    '"a" * 2': 'NO_OVERLOAD',
    '-"a"': 'NO_OVERLOAD',
    '--1.5': decimal('1.5'),
    '-0': int(0),
  })
  const most = 2n ** 256n - 1n
  hold({
    [`${most} + 0`]: int(`${most}`),
    [`${most} + 1`]: 'INT_OVERFLOW',
    [`-${most} - 1`]: 'INT_OVERFLOW',
    [`${most} * 2`]: 'INT_OVERFLOW',
    [`${most} + 0.5`]: 'DECIMAL_OVERFLOW',
    [`${most} > 0.5`]: 'true',
  })
})

test('equality is by value over types; order is within one', () => {
  hold({
    '1 == "1"': 'false',
    'null == false': 'false',
    '[1, [2.0]] == [1.0, [2]]': 'true',
    '{"a": 1, "b": 2} == {"b": 2.0, "a": 1}': 'true',
    '{"a": null} == {"b": null}': 'false',
    '[1] != [1, 2]': 'true',
    '1 < "2"': 'NO_OVERLOAD',
    '[1] < [2]': 'NO_OVERLOAD',
    'false < true': 'true',
    'null < null': 'NO_OVERLOAD',
  })
})

test('indexing and membership', () => {
  hold({
    '[10, 20][1]': int(20),
    '[10][1]': 'OUT_OF_RANGE',
    '[10][-1]': 'OUT_OF_RANGE',
    '[10][0.0]': 'NO_OVERLOAD',
    '{"a": {"b": 1}}.a["b"]': int(1),
    '{"a": 1}.b': 'NO_KEY',
    '{"a": 1}[0]': 'NO_OVERLOAD',
    '"a" in {"a": 1}': 'true',
    '1 in {"a": 1}': 'false',
    '"a" in "abc"': 'NO_OVERLOAD',
    '{"a": 1, "a": 2}': 'DUPLICATE_KEY',
    '{1: 2}': 'NO_OVERLOAD',
    'has({"a": null}.a)': 'true',
    'has("a".b)': 'NO_OVERLOAD',
  })
})

test('conversions are strict', () => {
  hold({
    'int("-12")': int(-12),
    'int("1.0")': 'BAD_NUMBER',
    'int(-2.9)': int(-2),
    'int(true)': 'NO_OVERLOAD',
    'decimal("1.50")': decimal('1.5'),
    'decimal("1e3")': 'BAD_NUMBER',
    'decimal(7)': decimal('7'),
    'string(1.50)': '"1.5"',
    'string(true) + string(12) + string("x")': '"true12x"',
    'string(null)': 'NO_OVERLOAD',
    'string([1])': 'NO_OVERLOAD',
  })
})

test('round and div name their mode in the text', () => {
  hold({
    'round(1338.745, 2, "HALF_UP")': decimal('1338.75'),
    'round(1338.745, 2, "HALF_EVEN")': decimal('1338.74'),
    'round(-1.1, 0, "UP")': decimal('-2'),
    'round(5, 2, "DOWN")': decimal('5'),
    'round(1.5, 19, "DOWN")': 'OUT_OF_RANGE',
    'round(1.5, -1, "DOWN")': 'OUT_OF_RANGE',
    'round("1.5", 0, "DOWN")': 'NO_OVERLOAD',
    'round(1.5, 0, "HALFUP")': 'WRONG_ARGUMENTS',
    'round(1.5, 0, mode)': 'WRONG_ARGUMENTS',
    'div(10, 4, 1, "HALF_EVEN")': decimal('2.5'),
    'div(1, 0.0, 1, "UP")': 'DIVIDE_BY_ZERO',
  })
})

test('sums and extremes', () => {
  hold({
    'sum([])': int(0),
    'sum([1, 2.5])': decimal('3.5'),
    'sum(["a"])': 'NO_OVERLOAD',
    '[1, 2].sum()': int(3),
    'min(3, 2.5, 4)': decimal('2.5'),
    'max(["b", "a", "c"])': '"c"',
    'min([])': 'OUT_OF_RANGE',
    'min([1, "a"])': 'NO_OVERLOAD',
    'max([null])': 'NO_OVERLOAD',
    'max(1)': int(1),
  })
})

test('lists and maps', () => {
  hold({
    'keys({"b": 1, "a": 2})': '["a","b"]',
    'keys([1])': 'NO_OVERLOAD',
    'distinct([1, 1.0, "1", [1], [1.0], null])': '[{"int":"1"},"1",[{"int":"1"}],null]',
    '[1, 2, 1].distinct().size()': int(2),
    'size("héé😀") + size([1]) + size({"a": 1})': int(6),
    'size(1)': 'NO_OVERLOAD',
    '[1, 2, 3].map(x, x > 1, x * x)': '[{"int":"4"},{"int":"9"}]',
    '[1, 2, 3].filter(x, x % 2 == 1) + [5]': '[{"int":"1"},{"int":"3"},{"int":"5"}]',
    '[1, 2].exists_one(x, x > 1)': 'true',
    '"abc".all(c, true)': 'NO_OVERLOAD',
    '[1].map(x, x > 0, y)': 'NO_VARIABLE',
  })
})

test('texts count code points and know the case of ASCII only', () => {
  hold({
    '"aÉ😀Z".lowerAscii() + "éa😀".upperAscii()': '"aÉ😀zéA😀"',
    '"a😀bc".substring(1, 3)': '"😀b"',
    '"abc".substring(3)': '""',
    '"abc".substring(2, 1)': 'OUT_OF_RANGE',
    '"abc".substring(4)': 'OUT_OF_RANGE',
    '"😀b".charAt(1)': '"b"',
    '"b".charAt(1)': '""',
    '"b".charAt(2)': 'OUT_OF_RANGE',
    '"😀b😀b".indexOf("b", 2)': int(3),
    '"😀b😀b".lastIndexOf("b", 2)': int(1),
    '"abc".indexOf("x")': int(-1),
    '"a,b,,c".split(",", 3)': '["a","b",",c"]',
    '"😀b".split("")': '["😀","b"]',
    '"aXaXa".replace("a", "bb", 2)': '"bbXbbXa"',
    '"ab".replace("", "-")': '"-a-b-"',
    '["a", "b"].join(", ")': '"a, b"',
    '[1].join()': 'NO_OVERLOAD',
    '"\\u00a0\\t x \\u3000".trim()': '"x"',
    '"\\ufeffx".trim().size()': int(2),
    '"abc".contains("bc") && "abc".startsWith("ab") && "abc".endsWith("")': 'true',
    '"abc".contains(1)': 'NO_OVERLOAD',
    'contains("abc", "b")': 'WRONG_ARGUMENTS',
    '"a".round(1, "UP")': 'WRONG_ARGUMENTS',
    '"abc".substring()': 'WRONG_ARGUMENTS',
  })
})

test('durations are seconds, checked when the rule is read if they stand in it', () => {
  hold({
    'duration("P1DT1H")': int(90_000),
    'duration("P1M")': 'BAD_DURATION',
    'duration("P" + "1D")': int(86_400),
    'duration(1)': 'WRONG_ARGUMENTS',
  })
  assert.throws(() => compileRule('now + duration("P1M")'), { code: 'BAD_DURATION', at: 15 })
})

test('business days follow the calendar that the rule names', () => {
  const calendars = { target: { weekend: [6, 7], holidays: ['1970-01-02'], utcOffset: 0 } }
  const evaluate = (text: string): unknown =>
    compileRule(text, { calendars }).evaluate({ t: 3600n }, createMeter())
  assert.equal(evaluate('addBusinessDays(t, 1, "target")'), 4n * 86_400n + 3600n)
  assert.throws(() => evaluate('addBusinessDays(t, 100000, "target")'), { code: 'FUEL' })
  assert.throws(() => evaluate('addBusinessDays(t, 1.0, "target")'), { code: 'NO_OVERLOAD' })
  assert.throws(() => evaluate('addBusinessDays(t, 1, "other")'), {
    code: 'UNKNOWN_CALENDAR',
    at: 22,
  })
  assert.throws(() => evaluate('addBusinessDays(t, 1, "constructor")'), {
    code: 'UNKNOWN_CALENDAR',
  })
})

test("digests are RFC 9901's and SHA-256's", () => {
  hold({
    'sha256("hello")': '"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"',
    'sealed("s", "k", {"a": 1})': '"gxRQ67ipb-LOqANN2NnMY_2hwfB6Wf3I-XGIuKHrEg4"',
    'sealed("s", "k", 1.50) == sealed("s", "k", "1.5")': 'true',
    'sealed(1, "k", 1)': 'NO_OVERLOAD',
  })
})
