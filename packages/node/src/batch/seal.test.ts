import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testMessage } from './message.testing.ts'
import { contextsOf, nonceKeysOf, type SealInput, sealBatch } from './seal.ts'

const batchId = '33333333-3333-4333-8333-333333333333'
const txId = '44444444-4444-4444-8444-444444444444'
const data = {
  id: '11111111-1111-4111-8111-111111111111',
  hash: 'b8fa10ff4f3047716019060e7b24b337e1c0a11779f9027a495081470b1a404b',
}
const group = '043a95d864b9a00bb92a31246553a23e6744cfa1565ae3b5f673edc20ec98a84'
const firstPin = 'c9ed1476442f6d1875b48d1545a571256613def8f4e66b826155b868ad559c3c'

const seal = (given: Partial<SealInput> & Pick<SealInput, 'messages'>) =>
  sealBatch({ batchId, txId, txType: 'batch_pin', nonces: new Map(), ...given })

test('a broadcast batch has the known manifest, hash and contexts', () => {
  const message = testMessage({ topics: 't1,t2', dataRefs: JSON.stringify([data]) })
  const sealed = seal({ messages: [message] })
  assert.equal(
    sealed.manifest,
    `{"version":1,"id":"${batchId}","tx":{"type":"batch_pin","id":"${txId}"},"messages":[{"id":"${message.id}","hash":"${message.hash}","topics":2}],"data":[{"id":"${data.id}","hash":"${data.hash}"}]}`,
  )
  assert.equal(sealed.hash, 'eeda3aff1b8adfeebfc31b8499063f2c4e6c47c9fe7d8000caaa2044cba575de')
  assert.equal(sealed.pins, undefined)
  assert.deepEqual(contextsOf([message]), [
    '628b49d96dcde97a430dd4f597705899e09a968f793491e4b704cae33a40dc02',
    'c44474038d459e40e4714afefa7bf8dae9f9834b22f5e8ec1dd434ecb62b512e',
  ])
})

test('a private message gets the known masked pin, and a group its own context', () => {
  const message = testMessage({ groupHash: group })
  const announcement = testMessage({ type: 'groupinit', groupHash: group, topics: group })
  const sealed = seal({ messages: [announcement, message] })
  assert.deepEqual(sealed.pins, [
    ['f576fff874abe8f3468d678a7aa06c316cf5941fde23ccb36ff15f131a207873:0000000000000000'],
    [`${firstPin}:0000000000000000`],
  ])
})

test('what is masked goes on chain without its nonce', () => {
  const message = testMessage({ groupHash: group, pins: `${firstPin}:0000000000000000` })
  assert.deepEqual(contextsOf([message]), [firstPin])
})

test('nonces count on from where they were, one for each topic of each author', () => {
  const message = testMessage({ groupHash: group, topics: 't1,t2' })
  const [t1 = '', t2 = ''] = nonceKeysOf(message)
  const sealed = seal({ messages: [message, message], nonces: new Map([[t1, 7]]) })
  assert.deepEqual(
    sealed.pins?.map((pins) => pins.map((pin) => pin.slice(64))),
    [
      [':0000000000000007', ':0000000000000000'],
      [':0000000000000008', ':0000000000000001'],
    ],
  )
  assert.deepEqual(
    sealed.nonces,
    new Map([
      [t1, 9],
      [t2, 2],
    ]),
  )
})

test('pins once given are kept, and use up no nonce', () => {
  const before = testMessage({ groupHash: group, pins: `${firstPin}:0000000000000000` })
  const fresh = testMessage({ groupHash: group })
  const [key = ''] = nonceKeysOf(fresh)
  const sealed = seal({ messages: [before, fresh], nonces: new Map([[key, 1]]) })
  assert.deepEqual(sealed.pins?.[0], [`${firstPin}:0000000000000000`])
  assert.match(sealed.pins?.[1]?.[0] ?? '', /:0000000000000001$/)
  assert.equal(sealed.nonces.get(key), 2)
})

test('an unpinned batch has no pins', () => {
  const message = testMessage({ groupHash: group, txtype: 'unpinned' })
  const sealed = seal({ messages: [message], txType: 'unpinned' })
  assert.equal(sealed.pins, undefined)
  assert.deepEqual(sealed.nonces, new Map())
})

test('no two messages of an author ever share a pin, in whatever batches they are sealed', () => {
  const topics = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 })
  fc.assert(
    fc.property(fc.array(fc.array(topics, { minLength: 1 })), (batches) => {
      const given = new Map<string, number>()
      let nonces: ReadonlyMap<string, number> = given
      const pins: string[] = []
      for (const batch of batches) {
        const messages = batch.map((list) =>
          testMessage({ groupHash: group, topics: list.join(',') }),
        )
        const sealed = seal({ messages, nonces })
        nonces = sealed.nonces
        pins.push(...(sealed.pins ?? []).flat())
      }
      assert.equal(new Set(pins).size, batches.flat(2).length)
      assert.equal(given.size, 0, 'the nonces given are left as they were')
    }),
  )
})
