import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { compileFilter, type EventFacts, type EventFilter } from './filter.ts'
import { compilePattern } from './pattern.ts'

const facts = (given: Partial<EventFacts> = {}): EventFacts => ({
  type: 'message_confirmed',
  topic: 'orders',
  tag: '',
  group: '',
  author: 'did:firefly:org/org_0',
  blockchainName: '',
  blockchainListener: '',
  transactionType: '',
  ...given,
})

function matches(filter: EventFilter, given: Partial<EventFacts> = {}): boolean {
  const compiled = compileFilter(filter)
  const event = facts(given)
  return compiled.matchesRow(event) && compiled.matchesFacts(event)
}

it('matches anywhere in the text, and all expressions must match', () => {
  assert.ok(matches({}))
  assert.ok(matches({ events: 'confirmed', topic: 'rder' }))
  assert.ok(!matches({ events: 'rejected' }))
  assert.ok(matches({ events: '^message_(confirmed|rejected)$' }))
  assert.ok(!matches({ events: 'message', topic: '^order$' }))
  assert.ok(matches({ message: { tag: '^t1$', author: 'org_\\d' } }, { tag: 't1' }))
  assert.ok(!matches({ message: { tag: '^t1$', author: 'org_1' } }, { tag: 't1' }))
  assert.ok(matches({ message: { group: '^ab' } }, { group: 'abcd' }))
  assert.ok(matches({ transaction: { type: 'pin' } }, { transactionType: 'batch_pin' }))
  assert.ok(
    matches(
      { blockchainevent: { name: 'A', listener: 'b' } },
      { blockchainName: 'A', blockchainListener: 'b' },
    ),
  )
})

it('compares an expression with empty text where the event has no such object', () => {
  assert.ok(!matches({ message: { tag: 'x' } }))
  assert.ok(matches({ message: { tag: '^$' } }))
  assert.ok(matches({ message: { tag: 'x*' } }))
  assert.ok(!matches({ transaction: { type: '.' } }))
})

it('takes the older names, and prefers the newer', () => {
  assert.ok(!matches({ topics: 'invoices' }))
  assert.ok(matches({ topics: 'invoices', topic: 'orders' }))
  assert.ok(matches({ tag: 'a' }, { tag: 'a' }))
  assert.ok(!matches({ tag: 'a', message: { tag: 'b' } }, { tag: 'a' }))
  assert.ok(!matches({ author: 'org_9' }))
  assert.ok(!matches({ group: '^g$' }))
})

it('gives process events only to those who ask by name', () => {
  assert.ok(!matches({}, { type: 'process_closed' }))
  assert.ok(matches({ events: 'process_' }, { type: 'process_closed' }))
})

it('refuses what is not RE2, naming the field', () => {
  for (const pattern of ['(', '[a', 'a{2,1}', '(?=a)', '\\1', 'a**', '(?P<n']) {
    assert.throws(() => compileFilter({ message: { tag: pattern } }), {
      code: 'FF10195',
      status: 400,
    })
  }
})

it('compares simple patterns as the engine would', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    'ab',
    '^',
    '$',
    '|',
    '(a|b)',
    '(?:a|)',
    '\\.',
    '.',
    'a*',
    '\\$',
    '\\\\',
    '()',
    '-',
    '_',
  )
  const pattern = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(''))
  const text = fc
    .array(fc.constantFrom('a', 'b', '.', '$', '\\', '-', '_'), { maxLength: 5 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(pattern, text, (source, subject) => {
      assert.equal(compilePattern(source)(subject), RE2JS.compile(source).test(subject), source)
    }),
    { numRuns: 2000 },
  )
})
