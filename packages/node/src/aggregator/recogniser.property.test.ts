import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type TestBatch,
  type TestMessage,
  type TestPin,
  testBatch,
  testGroup,
  testParty,
  uuidOf,
} from './chain-fixtures.testing.ts'
import { createChance, shuffle } from './chance.testing.ts'
import { Recogniser } from './recogniser.testing.ts'
import { type Expected, referModel } from './reference-model.testing.ts'
import { isProcessTopic, type SettledPinHook } from './settled-pin.ts'

const [a, b, c, outsider] = ['a', 'b', 'c', 'x'].map(testParty)
assert(a && b && c && outsider)
const members = [a, b, c]
const groups = [testGroup('all', members), testGroup('two', [a, b])]
const PROCESS = 'ffp-blue'
const TOPICS = ['red', 'green', PROCESS]

const drawnMessage = fc.uniqueArray(fc.constantFrom(...TOPICS), { minLength: 1, maxLength: 3 })
const drawnBatch = fc.record({
  author: fc.constantFrom(...members),
  group: fc.constantFrom(undefined, ...groups),
  messages: fc.array(drawnMessage, { minLength: 1, maxLength: 3 }),
  /** What else the chain shows of it. */
  extra: fc.constantFrom(
    'none',
    'none',
    'twice',
    'copied',
    'member copies',
    'false id',
    'cut',
    'invoked',
  ),
  arrives: fc.constantFrom(true, true, true, true, true, false),
  swapped: fc.constantFrom(false, false, true),
})
const drawn = fc.record({
  batches: fc.array(drawnBatch, { minLength: 1, maxLength: 7 }),
  seed: fc.integer(),
})

type Drawn = (typeof drawnBatch extends fc.Arbitrary<infer T> ? T : never)[]

/** Seals each batch, its author counting on from the last; `swapped` crosses the nonces of its first two messages. */
function seal(specs: Drawn): TestBatch[] {
  const nonces = new Map<string, number>()
  return specs.map(({ author, group, messages, swapped }, i) => {
    const order = swapped && group && messages.length > 1 ? swapFirst(messages) : messages
    const counted = new Map<readonly string[], number[]>()
    for (const topics of order) {
      counted.set(
        topics,
        topics.map((topic) => {
          const counter = `${author.did} ${group?.hash} ${topic}`
          const nonce = nonces.get(counter) ?? 0
          nonces.set(counter, nonce + 1)
          return nonce
        }),
      )
    }
    // Half swapped: crossed on one topic, not on the other.
    const [first, second] = messages
    const [one, two] = [counted.get(first ?? []), counted.get(second ?? [])]
    if (swapped && group && first && second && one && two && first.length > 1) {
      const [topic = ''] = first
      const at = second.indexOf(topic)
      if (at >= 0) [one[0], two[at]] = [two[at] ?? 0, one[0] ?? 0]
    }
    return testBatch(
      uuidOf(`batch ${i}`),
      author,
      group,
      messages.map(
        (topics, j): TestMessage => ({
          id: uuidOf(`message ${i} ${j}`),
          topics,
          ...(group && { nonces: counted.get(topics) ?? [] }),
        }),
      ),
    )
  })
}

const swapFirst = <T>([first, second, ...rest]: readonly T[]): T[] =>
  first === undefined || second === undefined ? [] : [second, first, ...rest]

function pinsOf(batch: TestBatch, extra: string): TestPin[] {
  const { author } = batch
  const pin = { batch, signer: author.key }
  const other = members.find((member) => member !== author) ?? author
  switch (extra) {
    case 'twice':
      return [pin, pin]
    case 'copied':
      return [{ batch, signer: outsider?.key ?? '' }, pin]
    case 'member copies':
      return [{ batch, signer: other.key }, pin]
    case 'false id':
      return [{ batch, signer: outsider?.key ?? '', batchId: uuidOf('another') }, pin]
    case 'invoked':
      return [{ ...pin, action: 'firefly:contract_invoke_pin' }, pin]
    case 'cut':
      return [{ ...pin, contexts: batch.contexts.slice(0, -1) }]
    default:
      return [pin]
  }
}

/** Tells it the chain in pages and brings the payloads, in an order of chance, with restarts between. */
async function play(
  chain: readonly TestPin[],
  payloads: readonly TestBatch[],
  chance: () => number,
): Promise<Expected> {
  const settled: Expected['settled'] = new Map()
  await using node = await Recogniser.open(members, groups, { settledPins: noteIn(settled) })
  let read = 0
  const todo = shuffle(payloads, chance)
  while (read < chain.length || todo.length > 0) {
    const dice = chance()
    const next = todo[0]
    if (dice < 0.1) await node.restart()
    else if (dice < 0.55 && read < chain.length) {
      const upTo = read + 1 + Math.floor(chance() * 3)
      await node.pin(chain.slice(read, upTo))
      read = Math.min(chain.length, upTo)
    } else if (next) {
      todo.shift()
      await node.deliver(next)
    }
  }
  assert.deepEqual(node.faults, [])
  return { decided: await node.decisions(), settled }
}

/** A transaction that fails after it was told is not one of this test's. */
const noteIn = (settled: Expected['settled']): SettledPinHook => ({
  wants: isProcessTopic,
  async onPinSettled(_tx, pins) {
    for (const { group, topic, position, outcome } of pins) {
      const what = outcome.kind === 'void' ? 'void' : outcome.header.id
      const lines = settled.get(`${group} ${topic}`) ?? []
      settled.set(`${group} ${topic}`, [...lines, `${position.block - 1} ${position.pin} ${what}`])
    }
  },
})

/** Confirmed messages of each context in order; and what was rejected, which may be for having no place in an order. */
function outcome(
  { decided, settled }: Expected,
  batches: readonly TestBatch[],
): Record<string, string[]> {
  const groupOf = new Map(
    batches.flatMap(({ group, payload }) =>
      payload.payload.messages.map(({ header }) => [header.id, group?.name ?? 'everyone'] as const),
    ),
  )
  const found: Record<string, string[]> = Object.fromEntries(settled)
  for (const [topic, list] of decided) {
    for (const line of list) {
      const [id = '', state] = line.split(' ')
      const of = groupOf.get(id)
      const name = state === 'rejected' ? `${of} ${topic} rejected` : `${of} ${topic}`
      const lines = [...(found[name] ?? []), id]
      found[name] = state === 'rejected' ? lines.sort() : lines
    }
  }
  return found
}

test('decides as the reference model does, whatever comes first and however often it starts anew', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async ({ batches: specs, seed }) => {
      const chance = createChance(seed)
      const batches = seal(specs)
      const chain = shuffle(
        batches.flatMap((batch, i) => pinsOf(batch, specs[i]?.extra ?? 'none')),
        chance,
      )
      const arrived = batches.filter((_, i) => specs[i]?.arrives)
      const expected = outcome(referModel(chain, new Set(arrived), members), batches)
      for (let run = 0; run < 3; run++)
        assert.deepEqual(outcome(await play(chain, arrived, chance), batches), expected)
    }),
    { numRuns: 40 },
  )
})
