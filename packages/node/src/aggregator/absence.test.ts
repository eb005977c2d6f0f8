import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identityClaimJson, identityTopic } from '@concordat/protocol'
import { type TestBatch, testBatch, testParty, uuidOf } from './chain-fixtures.testing.ts'
import { Recogniser } from './recogniser.testing.ts'

const a = testParty('a')
const b = testParty('b')
const [junk, other, behind] = ['junk', 'other', 'behind'].map((name) =>
  testBatch(uuidOf(name), testParty(name), undefined, [
    { id: uuidOf(`message ${name}`), topics: [name === 'other' ? 'elsewhere' : 'talk'] },
  ]),
)
assert(junk && other && behind)

/** Strangers pin what nobody holds, and behind it what can be read, which is refused once its turn comes. */
async function read(node: Recogniser, chain: readonly TestBatch[]): Promise<void> {
  await node.deliver(behind as TestBatch)
  await node.pin(chain.map((batch) => ({ batch, signer: batch.author.key })))
}

const isDecided = async (node: Recogniser): Promise<boolean> =>
  (await node.decisions()).get('talk')?.length === 1

test('a member sets aside what all the others deny, but not before it knows who they are', async () => {
  await using node = await Recogniser.open([a, b], [], { self: a })
  await read(node, [other, junk, behind])
  await node.absent(junk)
  assert.equal(await isDecided(node), false)
  // Its author may be a member by now, whom nobody asked.
  await node.absent(other)
  await node.absent(junk)
  assert.equal(await isDecided(node), true)
})

test('who joined later takes the word of one who knows it of all members, and no lesser one', async () => {
  await using node = await Recogniser.open([a, b])
  await read(node, [junk, behind])
  await node.absent(junk)
  assert.equal(await isDecided(node), false)
  await node.absent(junk, 'gone')
  assert.equal(await isDecided(node), true)
})

test('what was pinned before there was any member is set aside when all deny it', async () => {
  await using node = await Recogniser.open([])
  await read(node, [junk, behind])
  await node.absent(junk)
  assert.equal(await isDecided(node), true)
})

test('what was set aside is taken up again when it is found', async () => {
  await using node = await Recogniser.open([a], [], { self: a })
  await read(node, [junk, behind])
  await node.absent(junk)
  await node.deliver(junk)
  assert.equal((await node.decisions()).get('talk')?.length, 2)
})

test('it is taken up again too when the payload came by way of a copy of its pin', async () => {
  for (const chain of [
    [{ signer: 'junk' }, { signer: 'x', batchId: uuidOf('another') }],
    [{ signer: 'x', batchId: uuidOf('another') }, { signer: 'junk' }],
  ]) {
    await using node = await Recogniser.open([a], [], { self: a })
    const pins = chain.map(({ signer, ...other }) => ({
      batch: junk as TestBatch,
      signer: testParty(signer).key,
      ...other,
    }))
    await node.pin(pins)
    await node.absent(junk as TestBatch)
    await node.deliver(junk as TestBatch)
    assert.equal((await node.decisions()).get('talk')?.length, 1)
    const open = await node.database.read
      .selectFrom('pins')
      .select('seq')
      .where('dispatched', '!=', 1)
      .execute()
    assert.deepEqual(open, [])
  }
})

test('once a key is registered, what it pinned before others heard of it waits for its turn again', async () => {
  const late = testParty('late')
  const identity = {
    id: uuidOf('late'),
    did: late.did,
    type: 'org',
    namespace: '',
    name: 'late',
    messages: { claim: null, verification: null, update: null },
  }
  const claim = testBatch(uuidOf('claim'), late, undefined, [
    {
      id: uuidOf('message claim'),
      topics: [identityTopic(late.did)],
      definition: { tag: 'ff_identity_claim', text: identityClaimJson({ identity }) },
    },
  ])
  const [first, second] = ['first', 'second'].map((name) =>
    testBatch(uuidOf(name), late, undefined, [{ id: uuidOf(`message ${name}`), topics: ['talk'] }]),
  )
  assert(first && second)
  await using node = await Recogniser.open([a], [], { self: a })
  await node.pin([claim, first, second].map((batch) => ({ batch, signer: late.key })))
  await node.absent(claim)
  await node.absent(first)
  await node.deliver(claim)
  await node.deliver(second)
  assert.equal((await node.decisions()).get('talk'), undefined)
  await node.deliver(first)
  assert.deepEqual((await node.decisions()).get('talk'), [
    `${uuidOf('message first')} confirmed`,
    `${uuidOf('message second')} confirmed`,
  ])
})
