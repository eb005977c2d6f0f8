import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Fault } from './faults.ts'
import { loadDefinition } from './load.ts'
import { plain } from './plain.testing.ts'
import { loadYaml } from './read-yaml.ts'
import { everything } from './sealed.testing.ts'

/** What no document may take to load, in milliseconds of work; an ordinary one takes one or two. */
const PATIENCE = 3000

function work(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const bases = { plain, everything } as const

function quickly(document: unknown): readonly Fault[] {
  const started = work()
  const { faults, warnings } = loadDefinition(document)
  assert.ok(work() - started < PATIENCE)
  assert.ok(faults.length <= 100 && warnings.length <= 100)
  return faults
}

const nested = (depth: number, wrap: (inner: unknown) => unknown): unknown => {
  let value: unknown = {}
  for (let i = 0; i < depth; i++) value = wrap(value)
  return value
}

const many = (count: number, value: unknown, name = 'x'): object =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}${i}`, value]))

const hostile: Readonly<Record<string, () => unknown>> = {
  'lists in lists': () => ({ ...plain, state: nested(100_000, (inner) => [inner]) }),
  'objects in objects': () => nested(100_000, (flow) => ({ flow })),
  'a million keys': () => many(1_000_000, 1),
  'a million roles': () => ({ ...plain, roles: many(1_000_000, { one: true }) }),
  'a million entries': () => ({ ...plain, steps: Array(1_000_000).fill(0) }),
  'a list of holes': () => ({ ...plain, migrate: Array(2 ** 32 - 1) }),
  'a long text': () => ({ ...plain, title: 'x'.repeat(50_000_000) }),
  'a long key': () => ({ ...plain, ['x'.repeat(50_000_000)]: 1 }),
  'as many unknown keys as fit': () => ({ ...plain, ...many(25_000, 1, 'k') }),
  'as many unknown roles as fit': () => ({
    ...plain,
    steps: many(100, { by: Array.from({ length: 40 }, (_, i) => `r${i}`), to: { m: 'x' } }, 's'),
  }),
  'rules as deep as may be': () => ({
    ...plain,
    steps: many(30, {
      by: ['buyer'],
      when: [{ code: 'DEEP', rule: `${'('.repeat(2000)}1${')'.repeat(2000)}` }],
    }),
  }),
  'rules as long as may be': () => ({
    ...plain,
    steps: many(50, { by: ['buyer'], when: [{ code: 'LONG', rule: `[${'1,'.repeat(2000)}1]` }] }),
  }),
  'schemas that double': () => {
    const two = (n: number): object => ({
      properties: { a: { $ref: `#/$defs/s${n}` }, b: { $ref: `#/$defs/s${n}` } },
    })
    const $defs = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`s${i}`, two(i - 1)]))
    return { ...plain, state: many(100, { schema: { $ref: '#/$defs/s29', $defs } }, 'f') }
  },
  'schemas that choose among themselves': () => {
    const $defs = many(60, {
      oneOf: Array.from({ length: 20 }, (_, i) => ({ $ref: `#/$defs/x${i}` })),
    })
    return { ...plain, state: many(50, { schema: { $ref: '#/$defs/x0', $defs } }, 'f') }
  },
  'patterns that never end': () => ({
    ...plain,
    state: { a: { schema: { type: 'string', pattern: '^(a+)+$' } } },
    steps: many(20, {
      by: ['buyer'],
      when: [{ code: 'SLOW', rule: `"${'a'.repeat(1000)}!".matches("^(a+)+$")` }],
    }),
  }),
  'all stages lead to all': () => {
    const values = Array.from({ length: 40 }, (_, i) => `v${i}`)
    const track = { initial: 'v0', values, final: ['v39'] }
    const to = many(8, 'v1', 't')
    return {
      ...plain,
      stages: many(8, track, 't'),
      steps: many(100, { by: ['buyer'], to }, 's'),
      deadlines: many(40, { track: 't0', stage: values, after: 'P1D', to }, 'd'),
    }
  },
  'getters and proxies': () => ({
    ...plain,
    get steps(): never {
      throw new Error('looked at')
    },
  }),
  'an object of a class': () => ({ ...plain, roles: new (class Roles {})() }),
  'a function': () => ({ ...plain, title: () => 'x' }),
  'a big int': () => ({ ...plain, title: 1n }),
  'a symbol': () => ({ ...plain, title: Symbol('x') }),
}

for (const [name, make] of Object.entries(hostile)) {
  test(`${name} are refused soon`, () => {
    assert.notEqual(quickly(make()).length, 0)
  })
}

test('a document that names what all objects have reaches none of it', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
    for (const key of ['roles', 'state', 'stages', 'steps', 'deadlines', 'calendars']) {
      const document = JSON.parse(
        JSON.stringify(plain).replace(`"${key}":{`, `"${key}":{"${name}":{},`),
      )
      quickly(document)
    }
    const faults = quickly(
      JSON.parse(
        JSON.stringify(plain)
          .replaceAll('op.tell.', `op.${name}.`)
          .replaceAll('"main"', `"${name}"`),
      ),
    )
    assert.notEqual(faults.length, 0)
  }
  assert.equal(Object.hasOwn(Object.prototype, 'by'), false)
})

test('whoever changes the document afterwards changes nothing of what was loaded', () => {
  const document = structuredClone(plain)
  const { definition } = loadDefinition(document)
  document.steps.agree.by.push('auditor')
  assert.deepEqual(definition?.document.steps.agree?.by, ['buyer', 'seller', 'helper'])
  assert.throws(() => Object.assign(definition?.document.steps.agree ?? {}, { by: [] }), TypeError)
})

test('no data whatever makes the loader throw', () => {
  const anything = fc.anything({
    withNullPrototype: true,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSparseArray: true,
  })
  fc.assert(
    fc.property(anything, (document) => void quickly(document)),
    { numRuns: 500 },
  )
})

/** Every place of a document. */
function places(
  value: unknown,
  path: readonly (string | number)[] = [],
): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]))]
}

function withAt(value: unknown, path: readonly (string | number)[], put: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return put
  if (Array.isArray(value))
    return value.map((item, i) => (String(i) === key ? withAt(item, rest, put) : item))
  const entries = Object.entries(Object(value)).map(([name, inner]) => [
    name,
    name === key ? withAt(inner, rest, put) : inner,
  ])
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined))
}

const json = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    'buyer',
    'main',
    'open',
    'state.price',
    'P1D',
    '#/$defs/money',
    'P',
    '$author',
    '',
    0,
    -1,
    true,
  ),
  fc.constantFrom(
    ...places(everything).map((path) =>
      path.reduce<unknown>((at, key) => Object(at)[key], everything),
    ),
  ),
  fc.constant(undefined),
)

const spoilt = fc
  .record({
    base: fc.constantFrom('plain' as const, 'everything' as const),
    changes: fc.array(fc.record({ at: fc.nat(), put: json }), { minLength: 1, maxLength: 3 }),
  })
  .map(({ base, changes }) =>
    changes.reduce<unknown>((document, { at, put }) => {
      const all = places(document)
      return withAt(document, all[at % all.length] ?? [], put)
    }, bases[base]),
  )

/** The same data with every object's keys the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).reverse()
  return Object.fromEntries(entries.map(([key, inner]) => [key, reversed(inner)]))
}

test('a definition with parts replaced by others has one outcome, in whatever order its keys come', () => {
  const outcomes = new Set<string>()
  fc.assert(
    fc.property(spoilt, (document) => {
      const json: unknown = JSON.parse(JSON.stringify(document ?? null))
      const first = loadDefinition(json)
      const second = loadDefinition(reversed(json))
      outcomes.add(first.outcome)
      assert.equal(first.outcome, second.outcome)
      assert.equal(first.definition?.hash, second.definition?.hash)
      assert.deepEqual(first.faults, loadDefinition(structuredClone(json)).faults)
      assert.equal(first.outcome === 'loaded', first.faults.length === 0)
      for (const { message, mend } of first.faults) assert.ok(message !== '' && mend !== '')
    }),
    { numRuns: 1500 },
  )
  assert.deepEqual(outcomes, new Set(['loaded', 'refused', 'unsupported']))
})

test('no YAML whatever makes the reader throw', () => {
  const started = work()
  const lines = fc.array(
    fc.constantFrom(
      'a: &a [*a]',
      '- b',
      '? c',
      ': d',
      '!!set {e}',
      '<<: *a',
      '"',
      '{',
      '}',
      '%YAML 1.1',
      '---',
      '...',
      '\t',
      '# x',
      'flow: flow/1',
      '2026-01-01',
      '!!js/function x',
      '0x1F',
      '.nan',
      '1.5',
    ),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        lines.map((all) => all.join('\n')),
      ),
      (text) => {
        const { result } = loadYaml(text)
        assert.notEqual(result.outcome, 'loaded')
      },
    ),
    { numRuns: 500 },
  )
  const aliases = [
    'a0: &a0 [x, x]',
    ...Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`),
  ]
  for (const text of [
    aliases.join('\n'),
    '['.repeat(250_000),
    '- '.repeat(100_000),
    'x'.repeat(300_000),
    'a:\n'.repeat(20_000),
  ]) {
    assert.equal(loadYaml(text).result.outcome, 'refused')
  }
  assert.ok(work() - started < 10 * PATIENCE)
})
