import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NodeError } from '../errors/node-error.ts'
import { jsonAnyText, parseJson } from './parse.ts'
import { pathAt } from './path-at.ts'
import { RawJson } from './raw-json.ts'

const outcome = (read: () => unknown): { value: unknown } | 'refused' => {
  try {
    return { value: read() }
  } catch (error) {
    assert.ok(error instanceof SyntaxError || error instanceof NodeError)
    return 'refused'
  }
}

const sameAsJsonParse = (text: string): void => {
  assert.deepEqual(
    outcome(() => parseJson(text)),
    outcome(() => JSON.parse(text)),
  )
}

/** JSON text with white space and odd but legal spellings. */
const spaced = fc
  .tuple(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(undefined, 1, '\t', ' \n'))
  .map(([value, indent]) => JSON.stringify(value, undefined, indent))

test('agrees with JSON.parse on any JSON', () => {
  fc.assert(fc.property(spaced, sameAsJsonParse), { numRuns: 500 })
})

test('agrees with JSON.parse on damaged JSON', () => {
  const damage = fc.tuple(spaced, fc.nat(), fc.nat(3), fc.string({ maxLength: 3, unit: 'binary' }))
  fc.assert(
    fc.property(damage, ([text, at, cut, insert]) => {
      const from = at % (text.length + 1)
      sameAsJsonParse(text.slice(0, from) + insert + text.slice(from + cut))
    }),
    { numRuns: 1000 },
  )
})

test('agrees with JSON.parse on random runs of tokens', () => {
  const token = fc.constantFrom(
    ...['{', '}', '[', ']', ',', ':', '"a"', '"', '\\', '1', '-', '0', '.', 'e', '+', 'E5', ' '],
    ...['true', 'false', 'null', 'nul', '\n', '\u00a0', '"\\u00e9"', '"\\ud800"', '"__proto__":'],
  )
  const run = fc.array(token, { maxLength: 12 }).map((tokens) => tokens.join(''))
  fc.assert(fc.property(run, sameAsJsonParse), { numRuns: 3000 })
})

test('agrees with JSON.parse on hand-picked edges', () => {
  const valid = [
    '-0',
    '0.0',
    '1E400',
    '-1e-400',
    '""',
    '[]',
    '{}',
    ' [ ] ',
    '{"a":1,"a":2}',
    '"\u007f"',
  ]
  const invalid = [
    '',
    ' ',
    '01',
    '1.',
    '.5',
    '+1',
    '-',
    '1e',
    '[1,]',
    '{"a":1,}',
    "'a'",
    '{a:1}',
    '"\t"',
  ]
  const others = [
    '"\\x"',
    '"\\u12g4"',
    '[1 2]',
    '1 2',
    'nulls',
    'NaN',
    '\ufeff1',
    '{"a"}',
    '[',
    '{"',
    '"\\',
  ]
  for (const text of [...valid, ...invalid, ...others]) sameAsJsonParse(text)
})

test('a key named __proto__ is an ordinary key', () => {
  const value = parseJson('{"__proto__":{"admin":true},"constructor":1}')
  assert.deepEqual(Object.keys(value ?? {}), ['__proto__', 'constructor'])
  assert.equal(Object.getPrototypeOf(value), Object.prototype)
})

test('keeps the text at the given paths, in canonical form', () => {
  const text = String.raw`{"data": [ {"id": 1, "value": {"b" : 1.0, "b": "a \" < b" , "c":[ ]}}, {"value": null} ], "value": [ 1 ] }`
  const value = parseJson(text, { raw: ['data.*.value', 'value'] })
  assert.deepEqual(value, {
    data: [
      { id: 1, value: new RawJson(String.raw`{"b":1.0,"b":"a \" \u003c b","c":[]}`) },
      { value: new RawJson('null') },
    ],
    value: new RawJson('[1]'),
  })
  assert.deepEqual(parseJson('{"a":{"b":1}, "c":{"b":2}}', { raw: ['*.b'] }), {
    a: { b: new RawJson('1') },
    c: { b: new RawJson('2') },
  })
})

test('inside kept text the grammar is checked too', () => {
  for (const text of [
    '{"v":{"a":01}}',
    '{"v":[1,}}',
    '{"v":"\\q"}',
    '{"v":{"a"}}',
    '{"v":{1:2}}',
    '{"v":',
  ]) {
    assert.throws(() => parseJson(text, { raw: ['v'] }), { code: 'FF10103', status: 400 })
  }
})

test('canonical text means the same, and its own canonical text is itself', () => {
  fc.assert(
    fc.property(spaced, (text) => {
      const canonical = jsonAnyText(text)
      assert.deepEqual(JSON.parse(canonical), JSON.parse(text))
      assert.equal(jsonAnyText(canonical), canonical)
      assert.doesNotMatch(canonical, /[<>&\u2028\u2029]/)
    }),
  )
})

test('refuses 100,000-deep nesting, kept or not, without exhausting the stack', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const text = `${open.repeat(100_000)}1${close.repeat(100_000)}`
    assert.throws(() => parseJson(text), { code: 'FF10103' })
    assert.throws(() => parseJson(text, { raw: [''] }), { code: 'FF10103' })
    assert.throws(() => parseJson(text.slice(0, 100_000), { maxDepth: 1e6 }), { code: 'FF10103' })
    const kept = parseJson(text, { maxDepth: 100_000, raw: [''] })
    assert.ok(kept instanceof RawJson && kept.text === text)
  }
})

test('the depth limit is exact', () => {
  assert.deepEqual(parseJson('[[]]', { maxDepth: 2 }), [[]])
  assert.throws(() => parseJson('[[[]]]', { maxDepth: 2 }), /position 2: nested more than 2 deep/)
})

test('reads a string of 10 MB', () => {
  const long = `${'x'.repeat(10_000_000)}é`
  assert.equal(parseJson(`"${long}"`), long)
  assert.equal(jsonAnyText(`"<${long}\\n"`), `"\\u003c${long}\\n"`)
})

test('bytes must be UTF-8', () => {
  assert.equal(parseJson(Buffer.from('"é😀"')), 'é😀')
  for (const bytes of [
    [0x22, 0xff, 0x22],
    [0x22, 0xc0, 0x80, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
  ]) {
    assert.throws(() => parseJson(Uint8Array.from(bytes)), { code: 'FF10103', status: 400 })
  }
})

test('an error names the position', () => {
  assert.throws(
    () => parseJson('{"a":1,\n "b":x}'),
    /^NodeError: FF10103: .*position 13: expected a value$/,
  )
})

test('U+0000 is refused where that is asked for, and its place is named', () => {
  const places: readonly (readonly [string, string])[] = [
    ['"\\u0000"', 'body'],
    ['{"tag":"a\\u0000b"}', 'tag'],
    ['{"header":{"topics":["ok","\\u0000"]}}', 'header.topics[1]'],
    ['{"data":[{"value":[1,{"x":{"y, z":"\\u0000"}}]}]}', 'data[0].value[1].x["y, z"]'],
    ['{"data":[ {"value":1} , {"value" : {"\\"q\\u0000" :1}}]}', 'data[1].value["\\"q\\u0000"]'],
    ['{"a":{"b":[[],{}]},"c":"x:\\u0000"}', 'c'],
  ]
  for (const [text, field] of places) {
    for (const raw of [[], ['data.*.value'], ['']])
      assert.throws(
        () => parseJson(text, { refuseNul: true, raw }),
        { code: 'CC20005', details: { field } },
        text,
      )
    parseJson(text)
  }
  assert.equal(parseJson('"\\\\u0000"', { refuseNul: true }), '\\u0000')
})

test('the place of any character can be named', () => {
  const follow = (value: unknown, path: readonly (string | number)[]): unknown =>
    path.reduce<unknown>((inner, step) => Object(inner)[step], value)
  const steps = fc.array(fc.oneof(fc.nat(3), fc.constantFrom('a', 'b c', '"', ':')), {
    maxLength: 5,
  })
  fc.assert(
    fc.property(steps, fc.json(), (path, other) => {
      const sibling: unknown = JSON.parse(other)
      const value = path.reduceRight<unknown>(
        (inner, step) =>
          typeof step === 'number'
            ? [...Array.from({ length: step }, () => sibling), inner]
            : { first: sibling, [step]: inner },
        '\0here',
      )
      assert.equal(follow(value, path), '\0here')
      const text = JSON.stringify(value)
      const field = path.reduce<string>((before, step) => {
        if (typeof step === 'number') return `${before}[${step}]`
        if (!/^\w+$/.test(step)) return `${before}[${JSON.stringify(step)}]`
        return before === '' ? step : `${before}.${step}`
      }, '')
      assert.equal(pathAt(text, text.indexOf('\\u0000here')), field)
    }),
  )
})
