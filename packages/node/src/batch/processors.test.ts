import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { MessageRow } from '../store/schema.ts'
import type { AssemblerOptions } from './assembler.ts'
import { testMessage } from './message.testing.ts'
import { Processors } from './processors.ts'

const options: AssemblerOptions = {
  maxMessages: 10,
  maxBytes: 100_000,
  lingerMs: 50,
  maxInFlight: 2,
}
const NOW = 1_000_000

function processorsWith(rows: readonly Partial<MessageRow>[]): Processors {
  const processors = new Processors()
  rows.forEach((row, i) => {
    processors.add(testMessage({ seq: i + 1, ...row }))
  })
  return processors
}

const messages = (count: number, row: Partial<MessageRow> = {}): Partial<MessageRow>[] =>
  Array.from({ length: count }, () => row)

/** Cuts what is due, and resolves the numbers of the messages in each batch. */
function cut(processors: Processors, now = NOW, given = options): number[][] {
  const due = processors.due(given, now, 8)
  processors.take(due, now)
  return due.map((batch) => batch.messages.map(({ seq }) => seq))
}

test('an idle sender sends at once', () => {
  const processors = processorsWith(messages(1))
  assert.equal(processors.dueIn(options, NOW), 0)
  assert.deepEqual(cut(processors), [[1]])
  assert.equal(processors.pending, 0)
  assert.equal(processors.dueIn(options, NOW), undefined)
})

test('after a batch the next gathers: longer, the more the last one held', () => {
  const processors = processorsWith(messages(4))
  cut(processors)
  processors.released(testMessage())
  processors.add(testMessage({ seq: 5 }))
  assert.equal(processors.dueIn(options, NOW), 8)
  assert.deepEqual(cut(processors, NOW + 7), [])
  assert.deepEqual(cut(processors, NOW + 8), [[5]])
})

test('while a batch is on its way the next gathers, for the longest time allowed at most', () => {
  const processors = processorsWith(messages(1))
  cut(processors)
  processors.add(testMessage({ seq: 2 }))
  assert.equal(processors.dueIn(options, NOW + 10), 40)
  processors.released(testMessage())
  assert.equal(processors.dueIn(options, NOW + 10), 0)
})

test('gathering ends after the longest time allowed', () => {
  const processors = processorsWith(messages(40))
  const given = { ...options, maxMessages: 1000 }
  cut(processors, NOW, given)
  processors.released(testMessage())
  processors.add(testMessage({ seq: 41 }))
  assert.equal(processors.dueIn(given, NOW), 50)
})

test('a full batch goes at once, and what is left over gathers', () => {
  const processors = processorsWith(messages(3))
  cut(processors)
  for (let seq = 4; seq <= 15; seq++) processors.add(testMessage({ seq }))
  assert.deepEqual(cut(processors), [[4, 5, 6, 7, 8, 9, 10, 11, 12, 13]])
  assert.deepEqual(cut(processors), [])
  processors.released(testMessage())
  processors.released(testMessage())
  assert.deepEqual(cut(processors, NOW + 19), [])
  assert.deepEqual(cut(processors, NOW + 20), [[14, 15]])
})

test('several full batches are cut together, no more than are asked for', () => {
  const processors = processorsWith(messages(100))
  const due = processors.due({ ...options, maxInFlight: 16 }, NOW, 3)
  assert.deepEqual(
    due.map((batch) => [batch.messages.length, batch.messages[0]?.seq]),
    [
      [10, 1],
      [10, 11],
      [10, 21],
    ],
  )
})

test('batches in flight are bounded, until one is released', () => {
  const processors = processorsWith(messages(25))
  assert.equal(cut(processors).length, 2)
  assert.equal(processors.dueIn(options, NOW + 1000), undefined)
  processors.released(testMessage())
  assert.deepEqual(cut(processors, NOW + 1000), [[21, 22, 23, 24, 25]])
})

test('releasing more than is in flight frees nothing twice', () => {
  const processors = processorsWith([])
  processors.released(testMessage())
  for (let seq = 1; seq <= 40; seq++) processors.add(testMessage({ seq }))
  assert.equal(cut(processors).length, 2)
})

test('a batch is as large as allowed, but a message that is larger goes alone', () => {
  const processors = processorsWith([
    { size: 40_000 },
    { size: 40_000 },
    { size: 40_000 },
    { size: 500_000 },
    { size: 10 },
  ])
  const wide = { ...options, maxInFlight: 16, lingerMs: 0 }
  const batches = [1, 2, 3, 4].flatMap(() => cut(processors, NOW, wide))
  assert.deepEqual(batches, [[1, 2], [3], [4], [5]])
})

test('another key, or another kind of transaction, begins another batch', () => {
  const processors = processorsWith([
    { key: 'a' },
    { key: 'a' },
    { key: 'b' },
    { key: 'b', txtype: 'contract_invoke_pin' },
  ])
  const wide = { ...options, maxInFlight: 16, lingerMs: 0 }
  const batches = [1, 2, 3].flatMap(() => cut(processors, NOW, wide))
  assert.deepEqual(batches, [[1, 2], [3], [4]])
})

test('authors, groups and unpinned messages do not wait for each other', () => {
  const processors = processorsWith([
    {},
    { author: 'did:firefly:org/org_1' },
    { groupHash: 'aa' },
    { groupHash: 'bb' },
    { groupHash: 'aa', txtype: 'unpinned' },
    {},
  ])
  assert.deepEqual(cut(processors), [[1, 6], [2], [3], [4], [5]])
})

test('every message is cut once, in order, within the limits', () => {
  const row = fc.record({
    author: fc.constantFrom('a', 'b'),
    key: fc.constantFrom('k1', 'k2'),
    size: fc.integer({ min: 1, max: 60_000 }),
  })
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
      const processors = processorsWith(rows)
      const cuts: MessageRow[][] = []
      for (let now = NOW; processors.pending > 0; now += 100) {
        const due = processors.due(options, now, 8)
        processors.take(due, now)
        cuts.push(...due.map((batch) => [...batch.messages]))
        for (const {
          messages: [first],
        } of due)
          if (first) processors.released(first)
      }
      for (const author of ['a', 'b']) {
        const sent = cuts.flat().filter((message) => message.author === author)
        const given = rows.flatMap((each, i) => (each.author === author ? [i + 1] : []))
        assert.deepEqual(
          sent.map(({ seq }) => seq),
          given,
        )
      }
      for (const batch of cuts) {
        assert.equal(new Set(batch.map(({ author, key }) => author + key)).size, 1)
        assert.ok(batch.length <= options.maxMessages)
        const bytes = batch.reduce((sum, { size }) => sum + size, 0)
        assert.ok(batch.length === 1 || bytes <= options.maxBytes)
      }
    }),
  )
})
