import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NodeError } from '@concordat/protocol'
import { filterFields } from '@concordat/protocol/routes'
import fc from 'fast-check'
import { parseFilter } from './filter.ts'
import type { Test } from './filter-condition.ts'
import { batchFields } from './tables/batches.ts'
import { blockchainEventFields } from './tables/blockchain-events.ts'
import { dataFields } from './tables/data.ts'
import { datatypeFields } from './tables/datatypes.ts'
import { decisionFields } from './tables/decisions.ts'
import { eventFields } from './tables/events.ts'
import { flowFields } from './tables/flows.ts'
import { groupFields } from './tables/groups.ts'
import { identityFields } from './tables/identities.ts'
import { messageFields } from './tables/messages.ts'
import { nextPinFields } from './tables/nextpins.ts'
import { operationFields } from './tables/operations.ts'
import { pinFields } from './tables/pins.ts'
import { fieldsOfProcesses } from './tables/processes.ts'
import { subscriptionFields } from './tables/subscriptions.ts'
import { transactionFields } from './tables/transactions.ts'
import { verifierFields } from './tables/verifiers.ts'

const parse = (query: string) => parseFilter(messageFields, new URLSearchParams(query))
const tests = (query: string): readonly Test[] => parse(query).where.flatMap((one) => one.tests)
const plain = { negate: false, insensitive: false }
const hex = 'B5B0C398450707B885F5973248FFA9A542F4C2F54860EBA6C2D7AEE48D0F9109'

test('each operator and modifier is read', () => {
  const cases: readonly [string, Test][] = [
    ['tag=abc', { operator: '=', value: 'abc', ...plain }],
    ['tag==!abc', { operator: '=', value: '!abc', ...plain }],
    ['tag=!abc', { operator: '=', value: 'abc', negate: true, insensitive: false }],
    ['tag=!', { operator: '=', value: '', negate: true, insensitive: false }],
    ['tag=:ABC', { operator: '=', value: 'abc', negate: false, insensitive: true }],
    ['tag=?', { operator: 'null', negate: false }],
    ['tag=!?', { operator: 'null', negate: true }],
    ['tag=?!', { operator: 'null', negate: true }],
    ['tag=?x', { operator: '=', value: 'x', ...plain }],
    ['tag=@b', { operator: 'contains', value: 'b', ...plain }],
    ['tag=^a', { operator: 'starts', value: 'a', ...plain }],
    ['tag=$c', { operator: 'ends', value: 'c', ...plain }],
    ['tag=!:@B', { operator: 'contains', value: 'b', negate: true, insensitive: true }],
    ['tag=>b', { operator: '>', value: 'b', ...plain }],
    ['tag=>>b', { operator: '>', value: 'b', ...plain }],
    ['tag=>=b', { operator: '>=', value: 'b', ...plain }],
    ['tag=<b', { operator: '<', value: 'b', ...plain }],
    ['tag=<<b', { operator: '<', value: 'b', ...plain }],
    ['tag=<=b', { operator: '<=', value: 'b', ...plain }],
    ['tag=<>b', { operator: '<', value: '>b', ...plain }],
    ['TAG=abc', { operator: '=', value: 'abc', ...plain }],
    ['cid=', { operator: 'null', negate: false }],
    ['sequence=0x10', { operator: '=', value: 16, ...plain }],
    ['sequence=9223372036854775807', { operator: '=', value: 2n ** 63n - 1n, ...plain }],
    [`hash=0x${hex}`, { operator: '=', value: hex.toLowerCase(), ...plain }],
    [
      'id={37BA893B-FCFA-4CF9-8CE8-34CD8BC9BC72}',
      { operator: '=', value: '37ba893b-fcfa-4cf9-8ce8-34cd8bc9bc72', ...plain },
    ],
    ['created=>=1795322488', { operator: '>=', value: '2026-11-22T04:41:28.000000000Z', ...plain }],
  ]
  for (const [query, expected] of cases) assert.deepEqual(tests(query), [expected], query)
})

test('repeated fields are joined by OR, or by AND if one says so', () => {
  const [any] = parse('tag=a&Tag=b').where
  assert.equal(any?.all, false)
  assert.equal(any?.tests.length, 2)
  const [all] = parse('created=[>=2024-01-01T00:00:00Z&created=[<2024-02-01T00:00:00Z').where
  assert.equal(all?.all, true)
  assert.deepEqual(
    all?.tests.map(({ operator }) => operator),
    ['>=', '<'],
  )
})

test('paging, order and count', () => {
  assert.deepEqual(parse(''), { where: [], sort: [], skip: 0, limit: 25, count: false })
  const { skip, limit, count } = parse('skip=0$&&limit=0&count&nosuch=1&__proto__=x')
  assert.deepEqual([skip, limit, count], [0, undefined, true])
  const sorts = (query: string) =>
    parse(query).sort.map(({ field, descending }) => `${field.column} ${descending}`)
  assert.deepEqual(sorts('sort=tag,-created&sort=nosuch,Tag,tag'), ['tag false', 'created true'])
  assert.deepEqual(sorts('sort=tag,-created&descending'), ['tag true', 'created true'])
  assert.deepEqual(sorts('sort=tag,-created&ascending=true'), ['tag false', 'created false'])
})

test('what makes no sense has a code', () => {
  const cases: readonly [string, string][] = [
    ['id=abc', 'FF00143'],
    ['hash=abc', 'FF00143'],
    ['created=yesterday', 'FF00143'],
    ['sequence=', 'FF00143'],
    ['sequence=9223372036854775808', 'FF00143'],
    ['tag=%00', 'FF00143'],
    ['tag=?@', 'FF00144'],
    ['cid=>', 'FF00144'],
    ['sequence=@1', 'FF00145'],
    ['created=^2024', 'FF00145'],
    ['sequence=:1', 'FF00145'],
    ['skip=1001', 'FF00191'],
    ['limit=1001', 'FF00192'],
    ['tag=!>a', 'FF00193'],
    ['tag=:<=a', 'FF00193'],
    ['tag=?>', 'FF00193'],
  ]
  for (const [query, code] of cases) assert.throws(() => parse(query), { code, status: 400 }, query)
})

test('any query is read or refused with a code', () => {
  const name = fc.constantFrom(...Object.keys(messageFields), 'sort', 'skip', 'limit', 'count', 'x')
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'!:?[]><=@^$0a-,') }),
  )
  fc.assert(
    fc.property(fc.dictionary(name, fc.oneof(text, fc.array(text, { maxLength: 4 }))), (query) => {
      try {
        parseFilter(messageFields, query)
      } catch (error) {
        assert.ok(error instanceof NodeError)
      }
    }),
  )
})

test('every field that a list promises can be asked for', () => {
  const kept = {
    messages: messageFields,
    batches: batchFields,
    transactions: transactionFields,
    data: dataFields,
    datatypes: datatypeFields,
    operations: operationFields,
    subscriptions: subscriptionFields,
    events: eventFields,
    pins: pinFields,
    nextpins: nextPinFields,
    identities: identityFields,
    verifiers: verifierFields,
    groups: groupFields,
    blockchainevents: blockchainEventFields,
    flows: flowFields,
    processes: fieldsOfProcesses('default', ['party']),
    decisions: decisionFields,
  } as const
  for (const [collection, fields] of Object.entries(kept)) {
    const promised = Object.entries(filterFields).find(([name]) => name === collection)?.[1]
    assert.deepEqual(Object.keys(fields).sort(), [...(promised ?? [])].sort(), collection)
  }
})
