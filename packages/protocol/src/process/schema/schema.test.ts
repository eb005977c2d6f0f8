import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Findings } from '../definition/faults.ts'
import { lift } from '../values/lift.ts'
import { type Json, typeOf, type Value } from '../values/value.ts'
import { expandSchema } from './expand.ts'
import { hasFormat } from './formats.ts'
import { isValid } from './is-valid.ts'
import type { ProfileSchema, SchemaFormat } from './types.ts'

function expanded(schema: ProfileSchema): ProfileSchema {
  const findings = new Findings()
  const result = expandSchema(schema, [], findings)
  assert.ok(result !== undefined, JSON.stringify(findings.faults))
  return result
}

const order: ProfileSchema = {
  type: 'object',
  required: ['kind', 'lines'],
  additionalProperties: false,
  properties: {
    kind: { enum: ['new', 'change'] },
    lines: { type: 'array', minItems: 1, maxItems: 3, items: { $ref: '#/$defs/line' } },
    note: { type: ['string', 'null'], minLength: 1, maxLength: 3 },
    way: {
      oneOf: [
        {
          type: 'object',
          required: ['by'],
          properties: { by: { const: 'sea' }, port: { type: 'string' } },
        },
        {
          type: 'object',
          required: ['by', 'n'],
          properties: { by: { const: 'air' }, n: { type: 'integer' } },
        },
      ],
    },
  },
  $defs: {
    line: {
      type: 'object',
      required: ['price'],
      properties: {
        price: { $ref: '#/$defs/money' },
        count: { type: 'integer', minimum: 1, maximum: 9 },
      },
      additionalProperties: { type: 'boolean' },
    },
    money: { type: 'string', format: 'decimal' },
  },
}

test('values fit a schema, or do not', () => {
  const schema = expanded(order)
  const line = { price: '1.50' }
  const cases: readonly (readonly [boolean, Json])[] = [
    [true, { kind: 'new', lines: [line] }],
    [true, { kind: 'new', lines: [{ ...line, count: 9, rush: true }], note: null }],
    [true, { kind: 'new', lines: [line], note: '💶💶💶' }],
    [true, { kind: 'new', lines: [line], way: { by: 'air', n: 3 } }],
    [true, { kind: 'new', lines: [line], way: { by: 'sea', n: '3' } }],
    [false, { kind: 'new', lines: [line], way: { by: 'air' } }],
    [false, { kind: 'new', lines: [line], way: { by: 'rail', n: 3 } }],
    [false, { kind: 'new', lines: [line], way: 'sea' }],
    [false, { kind: 'old', lines: [line] }],
    [false, { kind: 'new' }],
    [false, { kind: 'new', lines: [] }],
    [false, { kind: 'new', lines: [line, line, line, line] }],
    [false, { kind: 'new', lines: [line], more: 1 }],
    [false, { kind: 'new', lines: [{ price: 1 }] }],
    [false, { kind: 'new', lines: [{ ...line, count: 10 }] }],
    [false, { kind: 'new', lines: [{ ...line, count: '1' }] }],
    [false, { kind: 'new', lines: [{ ...line, rush: 1 }] }],
    [false, { kind: 'new', lines: [line], note: '' }],
    [false, { kind: 'new', lines: [line], note: 'four' }],
    [false, { kind: 'new', lines: [line], note: 1 }],
    [false, []],
    [false, null],
  ]
  for (const [fits, json] of cases) assert.equal(isValid(schema, json), fits, JSON.stringify(json))
})

test('constants of any shape are compared by value', () => {
  const schema = expanded({ const: { a: [1, null], b: 'x' } })
  assert.ok(isValid(schema, { b: 'x', a: [1, null] }))
  for (const json of [
    { a: [1, null] },
    { a: [1], b: 'x' },
    { a: { 0: 1, 1: null }, b: 'x' },
    'x',
  ]) {
    assert.ok(!isValid(schema, json))
  }
  assert.ok(isValid(expanded({ const: null }), null))
  assert.ok(!isValid(expanded({ const: null }), 0))
})

test('names that JavaScript knows mean nothing special', () => {
  const schema = expanded({ type: 'object', properties: { a: true }, additionalProperties: false })
  const own = JSON.parse('{"__proto__": 1}')
  assert.ok(!isValid(schema, own))
  assert.ok(!isValid(schema, { constructor: 1 }))
  assert.ok(!isValid(expanded({ required: ['constructor'] }), {}))
  const strange: ProfileSchema = JSON.parse('{"properties": {"__proto__": {"type": "string"}}}')
  assert.ok(!isValid(expanded(strange), own))
})

const samples: Readonly<Record<SchemaFormat, readonly [readonly string[], readonly string[]]>> = {
  decimal: [
    ['0', '-1.50', '9'.repeat(56), `${'9'.repeat(38)}.${'9'.repeat(18)}`],
    [
      '',
      '-',
      '.5',
      '5.',
      '00',
      '01.5',
      '1e3',
      '+1',
      '-0',
      '-0.00',
      '9'.repeat(57),
      `1.${'0'.repeat(19)}`,
      '１',
    ],
  ],
  integer: [
    ['0', '-12', String(2n ** 256n - 1n)],
    ['', '-0', '01', '1.0', '1e3', String(2n ** 256n), `-${2n ** 256n}`, '1 '],
  ],
  uuid: [
    ['3f2504e0-4f89-41d3-9a0c-0305e82c3301'],
    ['3F2504E0-4F89-41D3-9A0C-0305E82C3301', '3f2504e04f8941d39a0c0305e82c3301', ''],
  ],
  date: [
    ['2026-02-28', '2024-02-29', '0001-01-01'],
    ['2026-02-29', '2026-13-01', '2026-1-1', '2026-00-10', ''],
  ],
  'date-time': [
    ['2026-02-28T23:59:59Z', '2026-02-28T00:00:00.123456789+14:00', '2026-02-28T00:00:00-00:00'],
    [
      '2026-02-29T00:00:00Z',
      '2026-02-28T24:00:00Z',
      '2026-02-28T23:59:60Z',
      '2026-02-28T00:00:00',
      '2026-02-28 00:00:00Z',
      '2026-02-28t00:00:00z',
    ],
  ],
  uri: [
    ['https://example.org/a?b=c#d', 'urn:isbn:0', 'mailto:a@b', 'x:%20'],
    ['//example.org', 'https', 'https://exa mple.org', 'x:%2', 'x:ü', ''],
  ],
  did: [
    ['did:firefly:org/acme', 'did:web:example.org:a', 'did:key:z6Mk%20a'],
    ['did:', 'did:x:', 'did:X:a', 'did:x:a:', 'did:x:a b', 'https://x'],
  ],
  hash: [['ab'.repeat(32)], ['AB'.repeat(32), `0x${'ab'.repeat(32)}`, 'ab'.repeat(31), '']],
}

test('formats take what they say', () => {
  for (const [format, [good, bad]] of Object.entries(samples)) {
    const schema = expanded({ type: 'string', format: format as SchemaFormat })
    for (const text of good) assert.ok(isValid(schema, text), `${format} ${text}`)
    for (const text of bad) assert.ok(!isValid(schema, text), `${format} ${text}`)
  }
})

test('whatever has the format of a number can be read as one', () => {
  const digits = fc.stringMatching(/^-?[0-9]{1,80}(\.[0-9]{1,20})?$/)
  fc.assert(
    fc.property(digits, fc.constantFrom('decimal', 'integer'), (text, format) => {
      if (!hasFormat(text, format)) return
      const value: Value = lift(text, { type: 'string', format })
      assert.equal(typeOf(value), format === 'decimal' ? 'decimal' : 'int')
    }),
  )
})

test('checks of hostile text take no time', () => {
  const long = `did:x:${'%20'.repeat(200_000)}!`
  const started = process.cpuUsage()
  for (const format of ['decimal', 'integer', 'uri', 'did', 'date-time', 'uuid'] as const) {
    for (const text of [long, '9'.repeat(500_000), `${'a:'.repeat(250_000)} `]) {
      assert.ok(!hasFormat(text, format))
    }
  }
  assert.ok(!isValid({ maxLength: 10 }, 'x'.repeat(1_000_000)))
  assert.ok(process.cpuUsage(started).user < 1_000_000)
})
