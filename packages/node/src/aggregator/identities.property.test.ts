import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  customDid,
  type Identity,
  identityClaimJson,
  identityTopic,
  identityVerificationJson,
  nodeDid,
  orgDid,
} from '@concordat/protocol'
import fc from 'fast-check'
import {
  type TestBatch,
  type TestParty,
  type TestPin,
  testBatch,
  testParty,
  uuidOf,
} from './chain-fixtures.testing.ts'
import { createChance, shuffle } from './chance.testing.ts'
import { Recogniser } from './recogniser.testing.ts'

const member = testParty('a')
const strangers = ['k', 'l', 'm'].map(testParty)

// Few names and keys, so that they clash. Ids and peers are as good as random: each name has its own.
const drawnStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('org' as const),
      by: fc.constantFrom(...strangers),
      name: fc.constantFrom('one', 'two'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('node' as const),
      by: fc.constantFrom(member, ...strangers),
      of: fc.constantFrom('a', 'one', 'two'),
      name: fc.constantFrom('n1', 'n2'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('custom' as const),
      by: fc.constantFrom(...strangers),
      name: fc.constantFrom('c1', 'c2'),
      /** Whether its parent's word stands before or after it; or never. */
      word: fc.constantFrom('before', 'after', 'never'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('speak' as const),
      by: fc.constantFrom(...strangers),
      as: fc.constantFrom('one', 'two'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wrong topic' as const),
      by: fc.constantFrom(...strangers),
      name: fc.constantFrom('one', 'two'),
    }),
  },
)
type Step = typeof drawnStep extends fc.Arbitrary<infer T> ? T : never

const idOf = (id: string): string => (id === 'a' ? member.id : uuidOf(`identity ${id}`))

const toIdentity = (type: string, did: string, { name }: { name: string }): Identity => ({
  id: idOf(name),
  did,
  type,
  namespace: 'default',
  name,
  messages: { claim: null, verification: null, update: null },
})

/** One or two batches a step, each pinned by whom it says. */
function toBatches(step: Step, i: number): TestBatch[] {
  const batch = (by: TestParty, did: string, tag: string, topic: string, text: string) =>
    testBatch(uuidOf(`batch ${i} ${tag}`), { ...by, did }, undefined, [
      { id: uuidOf(`message ${i} ${tag}`), topics: [topic], definition: { tag, text } },
    ])
  switch (step.kind) {
    case 'org':
    case 'wrong topic': {
      const did = orgDid(step.name)
      const text = identityClaimJson({ identity: toIdentity('org', did, step) })
      const topic = step.kind === 'org' ? identityTopic(did) : 'elsewhere'
      return [batch(step.by, did, 'ff_identity_claim', topic, text)]
    }
    case 'node': {
      const did = nodeDid(step.name)
      const identity = {
        ...toIdentity('node', did, step),
        parent: idOf(step.of),
        profile: { id: `peer of ${step.name}` },
      }
      const author = orgDid(step.of)
      const text = identityClaimJson({ identity })
      return [batch(step.by, author, 'ff_identity_claim', identityTopic(did), text)]
    }
    case 'custom': {
      const did = customDid(step.name)
      const identity = { ...toIdentity('custom', did, step), parent: member.id }
      const topic = identityTopic(did)
      const claim = batch(step.by, did, 'ff_identity_claim', topic, identityClaimJson({ identity }))
      const [sealed] = claim.payload.payload.messages
      const word = batch(
        member,
        member.did,
        'ff_identity_verification',
        topic,
        identityVerificationJson({
          claim: { id: sealed?.header.id ?? '', hash: sealed?.hash ?? '' },
          identity,
        }),
      )
      if (step.word === 'never') return [claim]
      return step.word === 'before' ? [word, claim] : [claim, word]
    }
    case 'speak':
      return [
        testBatch(uuidOf(`batch ${i}`), { ...step.by, did: orgDid(step.as) }, undefined, [
          { id: uuidOf(`message ${i}`), topics: ['talk'] },
        ]),
      ]
  }
}

const topicsOf = ({ payload }: TestBatch): readonly string[] =>
  payload.payload.messages.flatMap(({ header }) => header.topics)

async function play(
  chain: readonly TestPin[],
  payloads: readonly TestBatch[],
  chance: () => number,
): Promise<object> {
  await using node = await Recogniser.open([member])
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
  assert.deepEqual(node.blocked(), [])
  return await found(node, payloads)
}

/** Who is who, and what became of each message and why. */
async function found(node: Recogniser, payloads: readonly TestBatch[]): Promise<object> {
  const identities = await node.database.read
    .selectFrom('identities')
    .innerJoin('verifiers', 'verifiers.identity', 'identities.id')
    .select(['did', 'identities.id', 'parent', 'value', 'position', 'claimMessage'])
    .orderBy('did')
    .execute()
  const messages = await node.database.read
    .selectFrom('messages')
    .select(['id', 'state', 'rejectReason'])
    .orderBy('id')
    .execute()
  const orders = await node.decisions()
  // An outsider's messages are rejected, and take no place in the members' order.
  const order = [...new Set(payloads.flatMap(topicsOf))].map((topic) =>
    orders.get(topic)?.filter((line) => line.endsWith('confirmed')),
  )
  return { identities, messages, order }
}

test('names and keys go to whom the chain has first, whatever comes first', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(drawnStep, { minLength: 2, maxLength: 8 }),
      fc.integer(),
      async (steps, seed) => {
        const chance = createChance(seed)
        const batches = steps.flatMap((step, i) => toBatches(step, i))
        const chain = batches.map((batch) => ({ batch, signer: batch.author.key }))
        // All payloads are here first: then everything is decided in the order it is read.
        await using straight = await Recogniser.open([member])
        for (const batch of batches) await straight.deliver(batch)
        for (const pin of chain) await straight.pin([pin])
        const expected = await found(straight, batches)
        for (let run = 0; run < 3; run++)
          assert.deepEqual(await play(chain, batches, chance), expected)
      },
    ),
    { numRuns: 40 },
  )
})
