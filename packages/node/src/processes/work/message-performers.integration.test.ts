import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Message, type MessageInput, NodeError } from '@concordat/protocol'
import type { Database } from '../../store/database.ts'
import type { MessageRow } from '../../store/schema.ts'
import { forEachDialect } from '../../store/testing.ts'
import type { EffectTask } from './effects.ts'
import { createMessagePerformers } from './message-performers.ts'

const TIME = '2026-01-02T03:04:05.000000000Z'
const HASH = 'ab'.repeat(32)
const AUTHOR = 'did:firefly:org/a'
const idOf = (n: number): string => `00000000-0000-4000-8000-${`${n}`.padStart(12, '0')}`
const PROCESS = idOf(900)

const message = (seq: number, rest: Partial<MessageRow>): MessageRow => ({
  seq,
  namespace: 'default',
  id: idOf(seq),
  type: 'private',
  txtype: 'batch_pin',
  cid: null,
  author: AUTHOR,
  key: '0x01',
  created: TIME,
  networkNamespace: 'default',
  groupHash: HASH,
  topics: 'default',
  tag: 'notice',
  datahash: HASH,
  txparentType: null,
  txparentId: null,
  hash: `${seq}`.padStart(64, '0'),
  batch: null,
  tx: null,
  state: 'confirmed',
  confirmed: null,
  rejectReason: null,
  pins: null,
  idempotencyKey: null,
  dataRefs: '[]',
  size: 1,
  ...rest,
})

const known: readonly MessageRow[] = [
  message(1, { idempotencyKey: `${PROCESS}:1:told`, state: 'ready' }),
  message(2, { cid: idOf(2) }),
  message(3, { cid: idOf(2) }),
  message(4, { cid: idOf(4), author: 'did:firefly:org/b' }),
  message(5, { cid: idOf(4), topics: 'elsewhere' }),
  message(6, { state: 'rejected', rejectReason: 'no such datatype' }),
  message(7, { state: 'cancelled' }),
]

const task = (n: number, rest: Partial<EffectTask['request']> = {}): EffectTask => ({
  request: {
    id: 'told',
    kind: 'message.private',
    by: AUTHOR,
    with: { value: { a: 1 }, tag: 'notice' },
    ...rest,
  },
  late: false,
  cause: idOf(n),
  idempotencyKey: `${PROCESS}:${n}:told`,
  process: PROCESS,
  group: HASH,
})

forEachDialect((_dialect, create) => {
  let database: Database
  const sent: MessageInput[] = []
  let refusal: NodeError | undefined
  const send = async (input: MessageInput): Promise<Message> => {
    sent.push(input)
    if (refusal) throw refusal
    return { header: { id: idOf(500 + sent.length) } } as Message
  }
  const performerOf = (kind: string) => {
    const messages = { sendPrivate: send, broadcast: send }
    const performers = createMessagePerformers({ namespace: 'default', database, messages })
    const found = performers.find((each) => each.kind === kind)
    assert(found)
    return found
  }
  const begin = (given: EffectTask) => performerOf(given.request.kind).begin(given)

  before(async () => {
    database = await (await create()).open()
    await database.transaction(async (tx) => {
      await tx.insertMany('messages', known)
    })
  })
  after(() => database[Symbol.asyncDispose]())

  test('a message that was sent, or has come back from others, is not sent again', async () => {
    assert.deepEqual(await begin(task(1)), { reference: idOf(1) })
    assert.deepEqual(await begin(task(2)), { reference: idOf(2) })
    assert.equal(sent.length, 0)
  })

  test("others' messages, and those on other topics, are not its own", async () => {
    assert.deepEqual(await begin(task(4)), { reference: idOf(501) })
    assert.equal(sent[0]?.idempotencyKey, `${PROCESS}:4:told`)
    assert.deepEqual(sent[0]?.header, { author: AUTHOR, cid: idOf(4), tag: 'notice', group: HASH })
    const broadcast = task(4, { kind: 'message.broadcast' })
    assert.deepEqual(await begin(broadcast), { reference: idOf(502) })
    assert.equal(sent[1]?.header?.group, undefined)
  })

  test('what can not be sent has failed; what can not be sent now is tried again', async () => {
    const count = sent.length
    for (const given of [
      { tag: 'ffp.step' },
      { topic: 'ffp-flows' },
      { tag: 'ff_define' },
      { tag: 7n },
    ]) {
      const outcome = await begin(task(8, { with: { value: 1, ...given } as never }))
      assert('kind' in outcome && outcome.kind === 'failed')
    }
    assert.equal(sent.length, count)
    refusal = new NodeError('FF10226', { group: HASH })
    const refused = await begin(task(9))
    assert('kind' in refused && refused.kind === 'failed')
    assert.match(refused.reason, /FF10226/)
    refusal = new NodeError('CC20501', {})
    await assert.rejects(begin(task(9)), /CC20501/)
  })

  test('it ends as the message does', async () => {
    const { end } = performerOf('message.private')
    assert.equal(await end(idOf(1)), undefined)
    assert.deepEqual(await end(idOf(2)), { kind: 'confirmed', facts: { message: idOf(2) } })
    assert.deepEqual(await end(idOf(6)), { kind: 'failed', reason: 'no such datatype' })
    assert.deepEqual(await end(idOf(7)), { kind: 'failed', reason: 'the message was cancelled' })
  })
})
