import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RuleFault } from '../values/fault.ts'
import { isMap, mapOf, type Value } from '../values/value.ts'
import { RULE_LIMITS } from './limits.ts'
import { createMeter } from './meter.ts'
import { parseRule } from './parser.ts'
import { printRule } from './print.ts'
import { compileRule } from './rule.ts'
import { anyEnvironment, anyExpression, outcomeOf } from './rules.testing.ts'
import { typedEnvironment, typedRule } from './typed-rules.testing.ts'

/** The same value with the keys of every map added the other way round. */
function turned(value: Value): Value {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null || !(Object.getPrototypeOf(value) === null)) {
    return value
  }
  const entries: [string, Value][] = Object.entries(value)
  return mapOf(entries.reverse().map(([key, member]) => [key, turned(member)]))
}

/** Rules of any kind, and rules that mostly have a value. */
const anyRule = fc.oneof(
  fc.tuple(anyExpression.map(printRule), anyEnvironment),
  fc.tuple(typedRule, typedEnvironment),
)

test('H2 any rule ends within its fuel and throws nothing but RuleFault', () => {
  fc.assert(
    fc.property(anyRule, ([text, env]) => {
      const outcome = outcomeOf(text, env)
      assert.ok(outcome.spent <= RULE_LIMITS.fuel)
    }),
    { numRuns: 3000 },
  )
})

test('C6 H2 a rule gives the same value for the same work, whatever the order of keys', () => {
  fc.assert(
    fc.property(anyRule, ([text, env]) => {
      const other = turned(env)
      assert.ok(isMap(other))
      assert.deepEqual(outcomeOf(text, other), outcomeOf(text, env))
    }),
    { numRuns: 3000 },
  )
})

test('H2 rules whose types fit have no fault of type', () => {
  fc.assert(
    fc.property(typedRule, typedEnvironment, (text, env) => {
      const { fault = 'none' } = outcomeOf(text, env)
      const possible = [
        'none',
        'OUT_OF_RANGE',
        'DIVIDE_BY_ZERO',
        'INT_OVERFLOW',
        'DECIMAL_OVERFLOW',
      ]
      const limits = ['NO_KEY', 'FUEL', 'MEMORY', 'RULE_TOO_DEEP', 'RULE_TOO_BIG', 'RULE_TOO_LONG']
      assert.ok([...possible, ...limits].includes(fault), fault)
    }),
    { numRuns: 2000 },
  )
})

test('H2 a macro that multiplies is stopped by fuel, and no || hides that', () => {
  const list = Array.from({ length: 40 }, (_, i) => BigInt(i))
  const text = 'l.all(a, l.all(b, l.all(c, l.all(d, l.all(e, a + b + c + d + e >= 0)))))'
  assert.deepEqual(outcomeOf(text, { l: list }), { fault: 'FUEL', spent: RULE_LIMITS.fuel })
  assert.equal(outcomeOf(`${text} || true`, { l: list }).fault, 'FUEL')
  assert.equal(outcomeOf(`true || ${text}`, { l: list }).value, true)
  assert.equal(outcomeOf(`l.exists(x, ${text})`, { l: list }).fault, 'FUEL')
})

test('H2 lists and texts that grow are stopped by memory', () => {
  const list = Array.from({ length: 100 }, (_, i) => BigInt(i))
  const long = 'x'.repeat(11_000)
  assert.equal(outcomeOf('l.map(a, l.map(b, l))', { l: list }).fault, 'FUEL')
  assert.equal(
    outcomeOf('l.map(a, s + "y").size() > 0', { l: list, s: 'x'.repeat(400) }).fault,
    'MEMORY',
  )
  assert.equal(outcomeOf('(s + s) == s || true', { s: long }).fault, 'MEMORY')
  assert.equal(outcomeOf('s.replace("", "yy")', { s: long }).fault, 'MEMORY')
})

test('H2 work grows with what is walked through', () => {
  const short = { s: 'x'.repeat(16), l: [1n], m: mapOf([['a', 1n]]) }
  const keys = Array.from({ length: 160 }, (_, i) => [`k${i}`, 1n] as const)
  const long = { s: 'x'.repeat(1600), l: Array.from({ length: 160 }, () => 1n), m: mapOf(keys) }
  const walks: readonly (readonly [text: string, least: number])[] = [
    ...([
      ['s == s', 99],
      ['s < s', 99],
      ['s + "y"', 99],
      ['size(s)', 99],
      ['s.trim()', 99],
    ] as const),
    ...([
      ['s.contains("y")', 24],
      ['s.split("x")', 1600],
      ['sha256(s)', 99],
      ['s.charAt(0)', 99],
    ] as const),
    ...([
      ['s.matches("y")', 300],
      ['s.replace("", "")', 1500],
      ['s.startsWith(s)', 99],
    ] as const),
    ...([
      ['l == l', 159],
      ['2 in l', 159],
      ['l + l', 300],
      ['sum(l)', 159],
      ['max(l)', 159],
    ] as const),
    ...([
      ['l.all(x, true)', 318],
      ['distinct(l)', 159],
      ['l', 159],
    ] as const),
    ...([
      ['m == m', 318],
      ['keys(m)', 318],
      ['m.exists(k, false)', 477],
      ['m', 159],
    ] as const),
  ]
  for (const [text, least] of walks) {
    const more = outcomeOf(text, long).spent - outcomeOf(text, short).spent
    assert.ok(more >= least, `${text}: ${more}`)
  }
})

test('H2 faults are cheap: a rule full of them ends as soon as any other', () => {
  const list = Array.from({ length: 4000 }, (_, i) => BigInt(i))
  const outcome = outcomeOf('l.exists(x, x / 0 > 0 || x.y)', { l: list })
  assert.equal(outcome.fault, 'FUEL')
})

test('the rules of one step share its fuel, and each starts with its own part', () => {
  const rule = compileRule('l.all(x, x >= 0)')
  const env = { l: Array.from({ length: 1000 }, () => 1n) }
  const meter = createMeter({ fuel: 5000, stepFuel: 12_000 })
  rule.evaluate(env, meter)
  const one = meter.spent
  rule.evaluate(env, meter)
  assert.equal(meter.spent, 2 * one)
  assert.throws(() => rule.evaluate(env, meter), { code: 'FUEL' })
  assert.equal(meter.spent, 12_000)
  assert.throws(() => rule.evaluate(env, meter), { code: 'FUEL' })
})

test('values that nest beyond 32 are not given out', () => {
  let value: Value = 1n
  for (let i = 0; i < RULE_LIMITS.valueDepth; i++) value = [value]
  assert.deepEqual(outcomeOf('v', { v: value }).value, value)
  assert.equal(outcomeOf('[v]', { v: value }).fault, 'TOO_DEEP')
  assert.equal(outcomeOf('[v] == [v]', { v: value }).value, true)
})

test('&& and || do not care which side has the fault', () => {
  const results: Readonly<Record<string, Value | undefined>> = {
    ...{ 'true || f': true, 'f || true': true, 'false && f': false, 'f && false': false },
    ...{ 'false || f': undefined, 'f || false': undefined, 'f && true': undefined },
    ...{ '1 || true': true, 'true && 1': undefined, '[1, 0].exists(x, 1 / x == 1)': true },
    ...{ '[0, 1].exists(x, 1 / x == 1)': true, '[0, 2].all(x, 1 / x == 1)': false },
    ...{ '[0, 1].all(x, 1 / x == 1)': undefined, '[0, 1].exists_one(x, 1 / x == 1)': undefined },
  }
  for (const [text, value] of Object.entries(results)) {
    assert.equal(outcomeOf(text.replaceAll(/\bf\b/g, '(1 / 0 == 1)')).value, value, text)
  }
})

test('of several faults the first one comes up', () => {
  for (const text of ['[0, "a"].all(x, 1 / x == 1)', '1 / 0 == 1 || "a" < 1', '[1 / 0, 1 + "a"]']) {
    assert.equal(outcomeOf(text).fault, 'DIVIDE_BY_ZERO', text)
  }
})

test('variables of macros hide what is outside, and only inside', () => {
  const env = { x: 'outside', l: [1n, 2n] }
  assert.deepEqual(outcomeOf('l.map(x, sum(l.map(x, x * 10)) + x)', env).value, [31n, 32n])
  assert.deepEqual(outcomeOf('[l.exists(x, x == 2), x == "outside"]', env).value, [true, true])
  assert.deepEqual(outcomeOf('l.map(a, l.map(b, a * 10 + b))', env).value, [
    [11n, 12n],
    [21n, 22n],
  ])
})

test('reads names what a rule reads, and nothing that a macro binds', () => {
  const reads = (text: string): string[] =>
    compileRule(text).reads.map(({ root, field }) =>
      field === undefined ? root : `${root}.${field}`,
    )
  assert.deepEqual(reads('state.price > input.price && role == state.price'), [
    'input.price',
    'role',
    'state.price',
  ])
  assert.deepEqual(reads('has(state.a.b) || state["c d"] == state[input.k]'), [
    'input.k',
    'state',
    'state.a',
    'state.c d',
  ])
  assert.deepEqual(reads('state.l.all(state, state.x == n) && state.y'), [
    'n',
    'state.l',
    'state.y',
  ])
  assert.deepEqual(reads('[1, 2].map(x, x > y, {"k": x + z})'), ['y', 'z'])
  assert.deepEqual(reads('keys(state).exists(k, !(k in input.m) ? -a : round(b, 2, "UP") > 0)'), [
    'a',
    'b',
    'input.m',
    'state',
  ])
})

test('C6 names that every object inherits are neither variables, fields nor functions', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    assert.equal(outcomeOf(name, {}).fault, 'NO_VARIABLE')
    assert.equal(outcomeOf(`m.${name}`, { m: {} }).fault, 'NO_KEY')
    assert.equal(outcomeOf(`has(m.${name}) || "${name}" in m`, { m: {} }).value, false)
    assert.equal(outcomeOf(`"s".${name}()`).fault, 'UNKNOWN_FUNCTION')
    assert.equal(outcomeOf(`${name}()`).fault, 'UNKNOWN_FUNCTION')
    assert.equal(outcomeOf(`{"${name}": 1}.${name} == 1`).value, true)
  }
})

test('C6 texts are ordered by code points, keys too', () => {
  // U+FF5E is below U+1F600, though its UTF-16 unit is above.
  assert.equal(outcomeOf('"\\uff5e" < "\\U0001F600"').value, true)
  const m = mapOf(['b', '10', '😀', '9', '\uff5e', 'a'].map((key) => [key, 1n]))
  const sorted = ['10', '9', 'a', 'b', '\uff5e', '😀']
  assert.deepEqual(outcomeOf('keys(m)', { m }).value, sorted)
  assert.deepEqual(outcomeOf('m.map(k, k)', { m }).value, sorted)
})

test('C6 nothing of the world is at hand', () => {
  const bare = ['now', 'Date', 'Math', 'process', 'globalThis', 'this', 'undefined', 'random']
  for (const name of bare) assert.equal(outcomeOf(name).fault, 'NO_VARIABLE')
  for (const call of [
    'now()',
    'random()',
    'timestamp("x")',
    '"x".normalize()',
    '"x".toUpperCase()',
  ]) {
    assert.equal(outcomeOf(call).fault, 'UNKNOWN_FUNCTION')
  }
})

test('a rule keeps its text and reads the same again', () => {
  const text = 'state.round < 10 && input.price > 0'
  assert.equal(compileRule(text).text, text)
  assert.equal(printRule(parseRule(text)), text)
  assert.throws(() => compileRule('1 +'), RuleFault)
})
