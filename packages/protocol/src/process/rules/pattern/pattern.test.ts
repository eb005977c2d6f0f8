import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compilePattern } from './pattern.ts'

const matches = (source: string, text: string): boolean =>
  compilePattern(source).matches(text, () => undefined)

/** Work of one match. */
function workOf(source: string, text: string): number {
  let work = 0
  compilePattern(source).matches(text, (units) => {
    work += units
  })
  return work
}

test('patterns match anywhere unless they are anchored', () => {
  const found: readonly (readonly [string, string])[] = [
    ['', ''],
    ['b', 'abc'],
    ['^abc$', 'abc'],
    ['^(?:a|bc)+$', 'abca'],
    ['^a{2,3}?$', 'aaa'],
    ['^[^a-c]$', '😀'],
    ['^.{2}$', '😀é'],
    ['^[\\w.-]+@\\w+\\.[a-z]{2,}$', 'a.b-c@example.org'],
    ['\\bcat\\b', 'a cat sat'],
    ['\\Bat', 'cat'],
    ['^\\x41\\x{1F600}\\.\\-$', 'A😀.-'],
    ['^[]a]+$', ']a'],
    ['^[a-]+$', 'a-'],
    ['^[\\d\\s]+$', '1 2'],
    ['\\Aab\\z', 'ab'],
    ['(|a)+b', 'b'],
    ['^(a*)*$', 'aaa'],
  ]
  for (const [source, text] of found) assert.equal(matches(source, text), true, source)
  const missed: readonly (readonly [string, string])[] = [
    ['^b', 'ab'],
    ['a.c', 'a\nc'],
    ['^a{2}$', 'aaa'],
    ['^a$', 'a\n'],
    ['\\w', 'é'],
    ['\\s', '\u00a0'],
    ['[^\\D]', 'x'],
    ['\\bat', 'cat'],
  ]
  for (const [source, text] of missed) assert.equal(matches(source, text), false, source)
})

test('what RE2 does not know, or what needs tables of Unicode, is refused', () => {
  for (const source of [
    ...['(', ')', '[', '[]', '[b-a]', '[a-\\d]', '*', 'a**', 'a{2}{3}', 'a{3,2}', 'a{1001}', '{2}'],
    ...['(?=a)', '(?!a)', '(?<=a)', '(?i)a', '(?P<n>a)', '(a)\\1', '\\p{L}', '\\q', '\\', 'a{,2}'],
    ...['[[:alpha:]]', '\\x{110000}', '\\x1', 'a|*', '\ud800', 'a'.repeat(513), '('.repeat(30)],
    ...['(a{1000}){1000}', ']', 'a}', '\\Qa\\E'],
  ]) {
    assert.throws(() => compilePattern(source), { code: 'BAD_PATTERN' }, source)
  }
})

test('H2 patterns agree with the regular expressions of the platform', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    '.',
    '[ab]',
    '[^a]',
    '\\w',
    '\\W',
    '\\d',
    '^',
    '$',
    '\\b',
    '\\B',
    '',
  )
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { depthSize: 'small', maxDepth: 4 },
      atom,
      fc.tuple(tie('pattern'), tie('pattern')).map((parts) => parts.join('')),
      fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(${a}|${b})`),
      fc
        .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '{2,}', '*?', '+?'))
        .map(([inner, count]) => `(?:${inner})${count}`),
    ),
  }))
  // No surrogate pairs: the platform may stop between their halves.
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', 'é'), maxLength: 8 })
  fc.assert(
    fc.property(pattern, text, (source, subject) => {
      assert.equal(matches(source, subject), new RegExp(source, 'u').test(subject))
    }),
    { numRuns: 3000 },
  )
})

test('H2 hostile patterns take time in proportion to the text', () => {
  for (const source of ['^(a+)+$', '^(a|a)*$', '(a*)*b', '(a|aa)+$', '(.*)(.*)(.*)x']) {
    const short = workOf(source, `${'a'.repeat(1000)}!`)
    const long = workOf(source, `${'a'.repeat(2000)}!`)
    assert.ok(long < 2.1 * short, source)
    assert.ok(short < 20_000, source)
  }
})

test('H2 repetitions of nothing in each other are read at once', () => {
  let source = ''
  for (let i = 0; i < 20; i++) source = `(${source}){1000}`
  assert.equal(matches(source, 'x'), true)
})
