import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RawJson } from '@concordat/protocol'
import { type TestMessage, testBatch, testParty, uuidOf } from './chain-fixtures.testing.ts'
import { Recogniser } from './recogniser.testing.ts'

const a = testParty('a')
const outsider = testParty('x')

const said = (text: string): TestMessage => ({
  id: uuidOf(`message ${text}`),
  topics: ['talk'],
  data: [{ value: new RawJson(JSON.stringify(text)) }],
})
const batchOf = (name: string, author = a, ...messages: TestMessage[]) =>
  testBatch(uuidOf(name), author, undefined, messages)
const pinOf = (batch: ReturnType<typeof batchOf>) => ({ batch, signer: batch.author.key })

test('a message that stands in two batches holds up neither of them, nor any other', async () => {
  await using node = await Recogniser.open([a])
  const [one, two] = ['one', 'two'].map((name) => batchOf(name, outsider, said('twice')))
  const three = batchOf('three', a, said('once'))
  assert.ok(one && two)
  for (const batch of [one, two, three]) await node.deliver(batch)
  await node.pin([one, two, three].map(pinOf))
  assert.deepEqual((await node.decisions()).get('talk'), [
    `${uuidOf('message twice')} rejected`,
    `${uuidOf('message once')} confirmed`,
  ])
  assert.deepEqual(node.faults, [])
})

test('a payload that can not be taken in holds up no other', async () => {
  await using node = await Recogniser.open([a])
  const [broken, sound] = [batchOf('broken', a, said('lost')), batchOf('sound', a, said('kept'))]
  const elsewhere = batchOf('elsewhere', a, { ...said('else'), topics: ['else'] })
  for (const batch of [broken, sound, elsewhere]) await node.deliver(batch)
  await node.database.transaction(async ({ db }) => {
    await db
      .updateTable('payloads')
      .set({ encoding: 'deflate', content: Buffer.alloc(9, 0xff) })
      .where('hash', '=', broken.payloadRef)
      .execute()
  })
  await node.pin([broken, sound, elsewhere].map(pinOf))
  assert.deepEqual((await node.decisions()).get('else'), [`${uuidOf('message else')} confirmed`])
  assert.equal(node.faults.length, 1)
  assert.deepEqual(
    node.blocked().map(({ block }) => block.pin.batch),
    [broken.id],
  )
})
