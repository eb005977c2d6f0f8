import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RuleFault } from '../values/fault.ts'
import type { Expression } from './ast.ts'
import { RULE_LIMITS } from './limits.ts'
import { parseRule } from './parser.ts'
import { printRule } from './print.ts'
import { anyExpression } from './rules.testing.ts'

/** The tree with every place set to 0. */
const withoutPlaces = (tree: Expression): unknown =>
  JSON.parse(
    JSON.stringify(tree, (key, value) =>
      key === 'at' ? 0 : typeof value === 'bigint' ? `${value}n` : value,
    ),
  )

test('H2 a tree that is printed is read as the same tree', () => {
  fc.assert(
    fc.property(anyExpression, (tree) => {
      const text = printRule(tree)
      let read: Expression
      try {
        read = parseRule(text)
      } catch (error) {
        assert.ok(error instanceof RuleFault)
        assert.match(error.code, /^RULE_TOO_/)
        return
      }
      assert.deepEqual(withoutPlaces(read), withoutPlaces(tree))
    }),
    { numRuns: 3000 },
  )
})

test('brackets are printed only where they are needed', () => {
  for (const text of [
    '1 + 2 * 3 - (4 - 5)',
    '(a ? b : c) ? d : e ? a : b',
    '!(a && b) || -a.b < 2',
    '(-1).size()',
    '[{"k": a}].map(x, has(x.k), x["k"] in [1.0, 2.5])',
    '!!a == --b',
    '-(!a)',
  ]) {
    assert.equal(printRule(parseRule(text)), text)
  }
})

test('texts are written as in CEL', () => {
  const written: readonly (readonly [text: string, value: string])[] = [
    [String.raw`'it\'s'`, "it's"],
    ['"\\a\\b\\f\\n\\r\\t\\v\\\\\\?\\"\\\'\\`"', '\u0007\b\f\n\r\t\v\\?"\'`'],
    [String.raw`"\x41\X42\103\u0044\U00000045\U0001F600"`, 'ABCDE😀'],
    [String.raw`r"\n\d"`, String.raw`\n\d`],
    ['"""a "quoted"\nline"""', 'a "quoted"\nline'],
    [String.raw`R'''\'''`, '\\'],
  ]
  for (const [text, value] of written) {
    assert.deepEqual(parseRule(text), { kind: 'literal', value, at: 0 })
  }
})

test('a fault of the text says what and where', () => {
  const faults: readonly (readonly [text: string, code: string, at: number])[] = [
    ['', 'RULE_SYNTAX', 0],
    ['a +', 'RULE_SYNTAX', 3],
    ['a b', 'RULE_SYNTAX', 2],
    ['(a', 'RULE_SYNTAX', 2],
    ['a # b', 'RULE_SYNTAX', 2],
    ['a = b', 'RULE_SYNTAX', 2],
    ['"abc', 'RULE_SYNTAX', 0],
    ['"a\nb"', 'RULE_SYNTAX', 0],
    ['a.in', 'RULE_SYNTAX', 2],
    ['while', 'RULE_SYNTAX', 0],
    ['!-a', 'RULE_SYNTAX', 1],
    ['f(1,)', 'RULE_SYNTAX', 4],
    ['has(a)', 'RULE_SYNTAX', 0],
    ['a.all(b.c, true)', 'RULE_SYNTAX', 1],
    ['a ? b ? c : d : e', 'RULE_SYNTAX', 6],
    ['"\ud800"', 'RULE_SYNTAX', 0],
    [String.raw`"a\q"`, 'BAD_LITERAL', 2],
    [String.raw`"\ud800"`, 'BAD_LITERAL', 1],
    [String.raw`"\U00110000"`, 'BAD_LITERAL', 1],
    [`1 + ${2n ** 256n}`, 'BAD_LITERAL', 4],
    [`0.${'1'.repeat(19)}`, 'BAD_LITERAL', 0],
    ['a.all(x)', 'WRONG_ARGUMENTS', 1],
    ['a.filter(x, x, x)', 'WRONG_ARGUMENTS', 1],
    ['1 + 5u', 'UNSUPPORTED', 4],
    ['1e3', 'UNSUPPORTED', 0],
    ['b"x"', 'UNSUPPORTED', 0],
    ['Money{a: 1}', 'UNSUPPORTED', 0],
  ]
  for (const [text, code, at] of faults) {
    assert.throws(() => parseRule(text), { code, at }, text)
  }
})

test('H2 the limits of length, size and depth are exact', () => {
  const { length, nodes, depth } = RULE_LIMITS
  parseRule(`a${' '.repeat(length - 1)}`)
  assert.throws(() => parseRule(`a${' '.repeat(length)}`), { code: 'RULE_TOO_LONG' })
  const sum = (count: number): string => Array.from({ length: count }, () => 'a').join('+')
  parseRule(sum(nodes / 2))
  assert.throws(() => parseRule(sum(nodes / 2 + 1)), { code: 'RULE_TOO_BIG' })
  const nested = (count: number): string => `${'('.repeat(count)}a${')'.repeat(count)}`
  parseRule(nested(depth - 1))
  assert.throws(() => parseRule(nested(depth)), { code: 'RULE_TOO_DEEP' })
  assert.throws(() => parseRule('['.repeat(length)), { code: 'RULE_TOO_DEEP' })
  assert.throws(() => parseRule(`${'!'.repeat(length - 1)}a`), { code: 'RULE_TOO_BIG' })
})

test('H2 whatever the text, there is a tree or a RuleFault', () => {
  const token = fc.constantFrom(
    ...[
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '.',
      ',',
      ':',
      '?',
      '!',
      '-',
      '+',
      '*',
      '%',
      '&&',
      '||',
      '==',
    ],
    ...['in', 'a', 'has', 'all', 'map', 'true', 'null', 'if', '1', '2.5', '0x', '"s"', "'", '"""'],
    ...['\\', 'r"', 'b"', ' ', '\n', '//', '\u0000', '😀', '\ud800'],
  )
  const source = fc.oneof(
    fc.array(token, { maxLength: 20 }).map((tokens) => tokens.join('')),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(source, (text) => {
      try {
        parseRule(text)
      } catch (error) {
        assert.ok(error instanceof RuleFault && error.at >= 0 && error.at <= text.length)
      }
    }),
    { numRuns: 3000 },
  )
})
