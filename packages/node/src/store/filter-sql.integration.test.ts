import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NodeError } from '@concordat/protocol'
import fc from 'fast-check'
import type { Database } from './database.ts'
import { type Filter, parseFilter } from './filter.ts'
import type { Condition, Test } from './filter-condition.ts'
import type { OperationRow } from './schema.ts'
import { listOperations, operationFields } from './tables/operations.ts'
import { forEachDialect, type TestDatabase } from './testing.ts'

type Create = () => Promise<TestDatabase>

const ids = [
  '0193a1b2-0000-7000-8000-000000000001',
  '0193a1b2-0000-7000-8000-0000000000ab',
  'f193a1b2-0000-7000-8000-0000000000ab',
]
const times = ['2024-01-01T00:00:00.000000000Z', '2024-01-01T00:00:00.120000000Z']
const texts = ['', 'a', 'A', 'ab', 'aB%', '_', '100%', 'é', '😀a', 'a😀', "'", '\\', '[x]', 'ß']

const anyText = fc.constantFrom(...texts)
const row = fc.record({
  tx: fc.constantFrom(...ids),
  type: anyText,
  status: anyText,
  plugin: anyText,
  input: fc.option(anyText),
  error: fc.option(anyText),
  created: fc.constantFrom(...times),
  retry: fc.option(fc.constantFrom(...ids)),
})
const order = fc.tuple(fc.constantFrom('', '['), fc.constantFrom('>', '>=', '<', '<='))
const equal = fc.tuple(fc.constantFrom('', '!', '?', '!?', '[', '[!'), fc.constantFrom('', '='))
const inside = fc.tuple(
  fc.constantFrom('', '!', ':', '!:', '[', '[!:'),
  fc.constantFrom('=', '@', '^', '$'),
)
type Marks = fc.Arbitrary<[string, string]>
const condition = (value: fc.Arbitrary<string>, ...marks: Marks[]): fc.Arbitrary<string> =>
  fc.tuple(fc.oneof(...marks), value).map(([signs, matched]) => [...signs, matched].join(''))
const some = (one: fc.Arbitrary<string>) => fc.array(one, { minLength: 1, maxLength: 3 })
const onText = condition(anyText, order, equal, inside)
const onId = fc.oneof(
  condition(fc.constantFrom(...ids), order, equal, inside),
  condition(fc.constantFrom('', '0193', 'AB', '-'), inside),
  fc.constantFrom('', '!', '?', '!?'),
)
const onTime = fc.oneof(
  condition(fc.constantFrom(...times, '1704067200', '2024-01-01T01:00:00.12+01:00'), order, equal),
  fc.constantFrom('?', '!?'),
)
const fields = ['tx', 'type', 'status', 'error', 'input', 'created', 'retry']
const asks = {
  tx: some(onId),
  type: some(onText),
  error: some(onText),
  input: some(onText),
  created: some(onTime),
  retry: some(onId),
}
const paging = fc.record(
  {
    sort: fc.subarray(fields.flatMap((field) => [field, `-${field}`])).map((sort) => sort.join()),
    skip: fc.constantFrom('0', '1', '3'),
    limit: fc.constantFrom('0', '1', '5'),
    count: fc.constant(''),
  },
  { requiredKeys: [] },
)
/** At most two fields asked, so that something is left to find. */
const query = fc
  .tuple(fc.record(asks), fc.subarray(Object.keys(asks), { maxLength: 2 }), paging)
  .map(([values, keep, page]) => ({
    ...Object.fromEntries(Object.entries(values).filter(([name]) => keep.includes(name))),
    ...page,
  }))

/** What the database is held against: the rows in memory, looked at one by one. */
function evaluate(rows: readonly OperationRow[], filter: Filter): readonly OperationRow[] {
  const kept = rows.filter((one) => filter.where.every((asked) => holds(asked, one)))
  kept.sort((a, b) => {
    for (const { field, descending } of filter.sort) {
      const order = compareNullable(storedIn(field.column, a), storedIn(field.column, b))
      if (order !== 0) return descending ? -order : order
    }
    return b.seq - a.seq
  })
  return kept
}

const storedIn = (column: string | null, one: OperationRow): string | null => {
  const value = Object.entries(one).find(([key]) => key === column)?.[1]
  return value === undefined || value === null ? null : String(value)
}

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
/** Nothing comes before anything. */
const compareNullable = (a: string | null, b: string | null): number => {
  if (a === null) return b === null ? 0 : -1
  return b === null ? 1 : compare(a, b)
}

function holds({ field, all, tests }: Condition, one: OperationRow): boolean {
  const stored = storedIn(field.column, one)
  const seen = field.kind === 'text' ? (stored ?? '') : stored
  const outcome = (asked: Test): boolean => {
    if (asked.operator === 'null') return (stored === null) !== asked.negate
    if (seen === null) return false
    const folded = asked.insensitive ? seen.replace(/[A-Z]/g, (c) => c.toLowerCase()) : seen
    return matches(folded, asked) !== asked.negate
  }
  return all ? tests.every(outcome) : tests.some(outcome)
}

function matches(seen: string, asked: Test): boolean {
  if (asked.operator === 'null') return false
  const value = String(asked.value)
  const order = compare(seen, value)
  const outcomes = {
    '=': order === 0,
    '>': order > 0,
    '>=': order >= 0,
    '<': order < 0,
    '<=': order <= 0,
    contains: seen.includes(value),
    starts: seen.startsWith(value),
    ends: seen.endsWith(value),
  }
  return outcomes[asked.operator]
}

async function refill(
  database: Database,
  made: readonly Omit<OperationRow, 'seq' | 'namespace' | 'id' | 'output' | 'updated'>[],
): Promise<readonly OperationRow[]> {
  return database.transaction(async (tx) => {
    await tx.db.deleteFrom('operations').execute()
    const first = tx.sequence('operations', made.length)
    const rows = made.map((one, i) => ({
      ...one,
      seq: first + i,
      namespace: 'default',
      id: `${first + i}`,
      output: null,
      updated: one.created,
    }))
    await tx.insertMany('operations', rows)
    return rows
  })
}

function parseOrUndefined(asked: Record<string, string | string[]>): Filter | undefined {
  try {
    return parseFilter(operationFields, asked)
  } catch (error) {
    assert.ok(error instanceof NodeError)
    return undefined
  }
}

function likeMemory(create: Create): void {
  test('a list holds what a look at every row finds, in the same order', async () => {
    await using database = await (await create()).open()
    const tables = fc.array(row, { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(
        tables,
        fc.array(query, { minLength: 20, maxLength: 20 }),
        async (made, queries) => {
          const rows = await refill(database, made)
          for (const asked of queries) {
            const filter = parseOrUndefined(asked)
            if (filter === undefined) continue
            const expected = evaluate(rows, filter)
            const end = filter.limit === undefined ? undefined : filter.skip + filter.limit
            const page = await listOperations(database.read, 'default', filter)
            assert.deepEqual(
              page.items.map(({ id }) => id),
              expected.slice(filter.skip, end).map(({ id }) => id),
            )
            assert.equal(page.total, filter.count ? expected.length : undefined)
          }
        },
      ),
      { numRuns: 30 },
    )
  })
}

function long(create: Create): void {
  test('a list of thousands of conditions is answered', async () => {
    await using database = await (await create()).open()
    await refill(database, [])
    for (const prefix of ['=', '@', '[!']) {
      const type = Array.from({ length: 3000 }, (_, i) => `${prefix}${i}`)
      const filter = parseFilter(operationFields, { type, count: '' })
      assert.deepEqual(await listOperations(database.read, 'default', filter), {
        items: [],
        total: 0,
      })
    }
  })
}

forEachDialect((_dialect, create) => {
  likeMemory(create)
  long(create)
})
