import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RawJson, sha256Hex } from '@concordat/protocol'
import {
  type TestBatch,
  type TestMessage,
  type TestParty,
  testBatch,
  testGroup,
  testParty,
  uuidOf,
} from './chain-fixtures.testing.ts'
import { Recogniser } from './recogniser.testing.ts'
import { isProcessTopic, type SettledPin, type SettledPinHook } from './settled-pin.ts'

const a = testParty('a')
const b = testParty('b')
const outsider = testParty('x')
const group = testGroup('both', [a, b])
const TOPIC = `ffp-${uuidOf('instance')}`

/** Keeps what it is told; fails as often as it is told to. */
function listen(): SettledPinHook & { readonly told: SettledPin[]; failures: number } {
  const told: SettledPin[] = []
  return {
    told,
    failures: 0,
    wants: isProcessTopic,
    async onPinSettled(_tx, settled) {
      if (this.failures-- > 0) throw new Error('not now')
      told.push(...settled)
    },
  }
}

const said = (text: string, nonce: number, other: Partial<TestMessage> = {}): TestMessage => ({
  id: uuidOf(`message ${text}`),
  topics: [TOPIC],
  nonces: [nonce],
  data: [{ value: new RawJson(JSON.stringify({ text })) }],
  ...other,
})

const batchOf = (author: TestParty, ...messages: TestMessage[]): TestBatch =>
  testBatch(uuidOf(`batch ${messages[0]?.id}`), author, group, messages)

const pinOf = (batch: TestBatch) => ({ batch, signer: batch.author.key })

const outcomes = (told: readonly SettledPin[]): string[] =>
  told.map(({ author, nonce, outcome }) => {
    const what = outcome.kind === 'void' ? outcome.reason : outcome.data.map(({ value }) => value)
    return `${author.slice(-1)}${nonce} ${what}`
  })

test('each settled pin of a process is told once, in the order of the chain, with its message as hashed', async () => {
  const hook = listen()
  await using node = await Recogniser.open([a, b], [group], { settledPins: hook })
  const first = batchOf(a, said('one', 0, { header: { tag: 'ffp.step' } }), said('two', 1))
  const second = batchOf(b, said('three', 0))
  const again = batchOf(a, said('one', 2, { header: { tag: 'ffp.step' } }))
  await node.deliver(second)
  await node.pin([{ batch: first, signer: outsider.key }, pinOf(first), pinOf(second)])
  assert.equal(hook.told.length, 0)
  await node.deliver(first)
  await node.pin([pinOf(again)])
  await node.deliver(again)
  await node.restart()
  assert.deepEqual(outcomes(hook.told), [
    'a0 {"text":"one"}',
    'a1 {"text":"two"}',
    'b0 {"text":"three"}',
    'a2 REPEATED',
  ])
  const [message] = first.payload.payload.messages
  const [item] = first.payload.payload.data
  assert.ok(message && item)
  const [told, after] = hook.told
  assert.deepEqual(told, {
    position: { contract: 0, block: 2, transaction: 0, log: 0, pin: 0 },
    timestamp: (1_767_225_600 + 2) * 1_000,
    author: a.did,
    signer: a.key,
    group: group.hash ?? '',
    topic: TOPIC,
    nonce: 0,
    batch: first.id,
    batchHash: first.payload.hash,
    outcome: {
      kind: 'message',
      header: message.header,
      hash: message.hash,
      data: [{ id: item.id, hash: item.hash, value: '{"text":"one"}', blob: undefined }],
    },
  } satisfies SettledPin)
  assert.deepEqual(after?.position, { contract: 0, block: 2, transaction: 0, log: 0, pin: 1 })
})

test('nothing is told of other topics', async () => {
  const hook = listen()
  await using node = await Recogniser.open([a, b], [group], { settledPins: hook })
  const batch = batchOf(a, said('one', 0, { topics: ['orders'] }))
  await node.deliver(batch)
  await node.pin([pinOf(batch)])
  assert.deepEqual(
    await node.decisions(),
    new Map([['orders', [`${uuidOf('message one')} confirmed`]]]),
  )
  assert.deepEqual(hook.told, [])
})

test('when it can not be told, nothing is settled, and it is told later', async () => {
  const hook = listen()
  await using node = await Recogniser.open([a, b], [group], { settledPins: hook })
  const batch = batchOf(a, said('one', 0))
  await node.deliver(batch)
  hook.failures = 1
  await node.pin([pinOf(batch)])
  assert.deepEqual([outcomes(hook.told), (await node.decisions()).size], [[], 0])
  await node.restart()
  assert.deepEqual(outcomes(hook.told), ['a0 {"text":"one"}'])
  assert.equal((await node.decisions()).size, 1)
})

test('what can not be settled is named, and holds up nothing but its own context from there on', async () => {
  const hook = listen()
  let fails = true
  const picky: SettledPinHook = {
    wants: isProcessTopic,
    async onPinSettled(tx, settled) {
      if (fails && settled.some(({ nonce }) => nonce === 1)) throw new Error('not two')
      await hook.onPinSettled(tx, settled)
    },
  }
  await using node = await Recogniser.open([a, b], [group], { settledPins: picky })
  const steps = batchOf(a, said('one', 0), said('two', 1), said('three', 2))
  const order = batchOf(b, said('order', 0, { topics: ['orders'] }))
  for (const batch of [steps, order]) {
    await node.deliver(batch)
    await node.pin([pinOf(batch)])
  }
  assert.equal((await node.decisions()).get('orders')?.length, 1)
  await node.rewind()
  await node.rewind()
  assert.deepEqual(outcomes(hook.told), ['a0 {"text":"one"}'])
  const [blocked, ...others] = node.blocked()
  assert.equal(others.length, 0)
  assert.deepEqual(
    [blocked?.kind, blocked?.block.kind, blocked?.block.pin.idx],
    ['private', 'failed_settling', 1],
  )
  assert.match(blocked?.block.detail ?? '', /^settling it failed [2-9] times: Error: not two$/)
  fails = false
  await node.rewind()
  assert.deepEqual(outcomes(hook.told).slice(1), ['a1 {"text":"two"}', 'a2 {"text":"three"}'])
  assert.deepEqual(node.blocked(), [])
})

test('on the topic of a process a message with another topic too is malformed, whichever turn comes first', async () => {
  const both = batchOf(a, said('both', 0, { topics: [TOPIC, 'orders'], nonces: [0, 1] }))
  const orders = batchOf(a, said('orders', 0, { topics: ['orders'] }))
  const step = batchOf(a, said('step', 1))
  for (const chain of [
    [both, orders, step],
    [orders, both, step],
  ]) {
    const hook = listen()
    await using node = await Recogniser.open([a, b], [group], { settledPins: hook })
    for (const batch of chain) await node.pin([pinOf(batch)])
    for (const batch of chain) await node.deliver(batch)
    assert.deepEqual(outcomes(hook.told), ['a0 MALFORMED', 'a1 {"text":"step"}'])
    const decisions = await node.decisions()
    assert.deepEqual(decisions.get(TOPIC), [
      `${uuidOf('message both')} rejected`,
      `${uuidOf('message step')} confirmed`,
    ])
    assert.ok(decisions.get('orders')?.includes(`${uuidOf('message orders')} confirmed`))
    assert.deepEqual(node.blocked(), [])
  }
})

test('on the topic of a process a pin that another contract made counts for nothing', async () => {
  const hook = listen()
  await using node = await Recogniser.open([a, b], [group], { settledPins: hook })
  const step = batchOf(a, said('step', 0))
  const open = testBatch(uuidOf('open'), a, undefined, [said('open', 0)])
  const action = 'firefly:contract_invoke_pin'
  for (const batch of [step, open]) {
    await node.deliver(batch)
    await node.pin([{ ...pinOf(batch), action }])
  }
  assert.deepEqual([outcomes(hook.told), (await node.decisions()).size], [[], 0])
  await node.pin([pinOf(step), pinOf(open)])
  assert.deepEqual(outcomes(hook.told), ['a0 {"text":"step"}'])
  assert.equal(hook.told[0]?.position.block, 3)
  assert.equal((await node.decisions()).get(TOPIC)?.length, 2)
})

test('on the topic of a process nobody asks for datatypes; elsewhere they do', async () => {
  await using node = await Recogniser.open([a, b], [group])
  const datatype = { name: 'unknown', version: '1' }
  const typed = (text: string, topic: string) =>
    batchOf(a, said(text, 0, { topics: [topic], data: [{ datatype, value: new RawJson('1') }] }))
  for (const batch of [typed('step', TOPIC), typed('order', 'orders')]) {
    await node.deliver(batch)
    await node.pin([pinOf(batch)])
  }
  assert.deepEqual((await node.decisions()).get(TOPIC), [`${uuidOf('message step')} confirmed`])
  assert.deepEqual((await node.decisions()).get('orders'), [`${uuidOf('message order')} rejected`])
})

test('a value is told alike to who has it as a value and to who has it as a blob', async () => {
  const text = '{"price":"1.0"}'
  const hash = sha256Hex(text)
  const file = sha256Hex('a file')
  const blob = (of: string) => ({ hash: of, size: 1, name: '' })
  const [asValue, asBlob] = [{ value: new RawJson(text) }, { blob: blob(hash) }].map((item) =>
    batchOf(
      a,
      said('step', 0, {
        data: [item, { blob: blob(file) }, { value: new RawJson('2'), blob: blob(file) }],
      }),
    ),
  )
  assert.ok(asValue && asBlob)
  assert.equal(asValue.payload.hash, asBlob.payload.hash)
  const told: (readonly SettledPin[])[] = []
  for (const batch of [asValue, asBlob]) {
    const hook = listen()
    await using node = await Recogniser.open([a, b], [group], { settledPins: hook })
    await node.deliver(batch)
    await node.pin([pinOf(batch)])
    const [one, two, three] = batch.payload.payload.data
    if (batch === asBlob) await node.blob(one?.id ?? '', Buffer.from(text))
    await node.blob(two?.id ?? '', Buffer.from('a file'))
    assert.deepEqual(hook.told, [])
    await node.blob(three?.id ?? '', Buffer.from('a file'))
    told.push(hook.told)
  }
  assert.deepEqual(told[0], told[1])
  const outcome = told[0]?.[0]?.outcome
  assert.deepEqual(
    outcome?.kind === 'message' && outcome.data.map((each) => [each.value, each.blob]),
    [
      [text, undefined],
      [undefined, file],
      ['2', file],
    ],
  )
})

test('what is unpinned by its own word has no place in an order, whichever way it came first', async () => {
  const message = said('loose', 0, { header: { txtype: 'unpinned' } })
  const loose = testBatch(uuidOf('loose'), a, group, [message], { txType: 'unpinned' })
  const pinned = batchOf(a, message)
  for (const arrivals of [[loose, pinned], [pinned, loose], [pinned]]) {
    const hook = listen()
    await using node = await Recogniser.open([a, b], [group], { settledPins: hook })
    await node.pin([pinOf(pinned)])
    for (const batch of arrivals) await node.deliver(batch)
    assert.deepEqual(outcomes(hook.told), ['a0 MISMATCH'])
  }
})

test('a batch that was to go without a pin, and was pinned, uses up its place as soon as it comes', async () => {
  await using node = await Recogniser.open([a, b], [group])
  const loose = testBatch(uuidOf('loose'), a, group, [said('loose', 0)], { txType: 'unpinned' })
  const next = batchOf(a, said('next', 1))
  await node.pin([pinOf(loose), pinOf(next)])
  await node.deliver(next)
  assert.equal(node.blocked().length, 1)
  await node.deliver(loose)
  assert.deepEqual(node.blocked(), [])
  assert.ok((await node.decisions()).get(TOPIC)?.includes(`${uuidOf('message next')} confirmed`))
})
