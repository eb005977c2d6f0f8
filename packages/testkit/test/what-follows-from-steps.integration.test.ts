import assert from 'node:assert/strict'
import { call } from '../src/anvil.ts'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { agreeOn, begin, notices, rowOf, take } from './support/process-work.ts'

const DAY = 86_400

const reminders = `
flow: flow/1
name: reminders
version: 1.0.0
govern: { consent: standing }
roles: { lender: { one: true }, borrower: { one: true } }
state: { rounds: { schema: { type: integer }, default: 0 } }
stages: { main: { initial: running, values: [running, over], final: [over] } }
steps:
  remind:
    by: [lender, borrower]
    in: { main: running }
    auto: true
    when: [ { code: ENOUGH, rule: state.rounds < 3 } ]
    do: [ { set: rounds, to: state.rounds + 1 } ]
    to: { main: running }
    trigger: { schedule: "946684800 + state.rounds * 86400" }
  repay: { by: [borrower], in: { main: running }, to: { main: over } }
`

const partiesOf = ({ party }: Network) => ({ a: party('a'), b: party('b') })

const messagesOf = (party: Party, tag: string) =>
  party.namespace.database.read
    .selectFrom('messages')
    .select(['id', 'state', 'cid', 'topics', 'author', 'idempotencyKey'])
    .where('tag', '=', tag)
    .execute()

const stageOf = async (party: Party, id: string): Promise<string> => {
  const row = await rowOf(party, id)
  return JSON.parse(row?.view ?? '{}').stages?.main?.stage
}

tellOnEachDialect(
  { parties: ['a', 'b'] },
  {
    'a message that a step asks for is sent once by the one party named, and its end is told to all':
      async (network) => {
        const { a, b } = partiesOf(network)
        const flow = await agreeOn(network, notices)
        const id = await begin(a, { flow, parties: { customer: 'a', supplier: 'b' } })
        const order = await take(a, id, 'order', { words: 'ten bolts', topic: 'orders' })
        for (const party of [a, b])
          await party.until(async () => (await stageOf(party, id)) === 'told', 'it is reported')
        const [one, ...more] = await messagesOf(b, 'notice')
        assert.equal(more.length, 0)
        assert.equal(one?.state, 'confirmed')
        assert.equal(one.author, b.did)
        assert.equal(one.topics, 'orders')
        assert.equal(one.cid, order.message)
        assert.equal(one.idempotencyKey, `${id}:1:notice`)
        assert.equal((await messagesOf(a, 'notice')).length, 1)
        const view = JSON.parse((await rowOf(a, id))?.view ?? '{}')
        assert.equal(view.state.said, one.id)
        assert.equal(view.operations.notice.status, 'confirmed')
      },

    'a performer that was away sends it when it is back, and not again after a restart': async (
      network,
    ) => {
      const { a, b } = partiesOf(network)
      const flow = await agreeOn(network, notices)
      const id = await begin(a, { flow, parties: { customer: 'a', supplier: 'b' } })
      const before = (await messagesOf(a, 'notice')).length
      await b.until(async () => (await rowOf(b, id))?.status === 'running', 'it runs there too')
      await b.stop()
      await take(a, id, 'order', { words: 'more bolts', topic: 'orders' })
      await b.start()
      await b.until(async () => (await messagesOf(b, 'notice')).length > before, 'it is sent')
      await b.stop()
      await b.start()
      for (const party of [a, b])
        await party.until(async () => (await stageOf(party, id)) === 'told', 'it is reported')
      await b.stop()
      await b.start()
      await take(a, await begin(a, { flow, parties: { customer: 'a', supplier: 'b' } }), 'order', {
        words: 'a last one',
        topic: 'orders',
      })
      await a.until(
        async () => (await messagesOf(a, 'notice')).length >= before + 2,
        'the last one',
      )
      assert.equal((await messagesOf(b, 'notice')).length, before + 2)
    },

    'a message that nodes would act on is not sent, and all are told why': async (network) => {
      const { a, b } = partiesOf(network)
      const flow = await agreeOn(network, notices)
      const id = await begin(a, { flow, parties: { customer: 'a', supplier: 'b' } })
      const before = (await messagesOf(b, 'notice')).length
      await take(a, id, 'order', { words: 'forged', topic: `ffp-${id}` })
      for (const party of [a, b])
        await party.until(async () => (await stageOf(party, id)) === 'told', 'it is reported')
      const view = JSON.parse((await rowOf(a, id))?.view ?? '{}')
      assert.equal(view.operations.notice.status, 'failed')
      assert.match(view.state.problem, /^the topic ffp-/)
      assert.equal((await messagesOf(b, 'notice')).length, before)
    },

    'a step on a schedule is taken when its time has come, each time once': async (network) => {
      const { a, b } = partiesOf(network)
      const flow = await agreeOn(network, reminders)
      const id = await begin(a, { flow, parties: { lender: 'a', borrower: 'b' } })
      const roundsAt = async (party: Party) =>
        JSON.parse((await rowOf(party, id))?.view ?? '{}').state?.rounds
      for (const party of [a, b])
        await party.until(async () => (await roundsAt(party)) === 3, 'three rounds were taken')
      await call(network.anvil.url, 'evm_increaseTime', [DAY])
      await call(network.anvil.url, 'evm_mine', [])
      await take(b, id, 'repay')
      await a.until(async () => (await rowOf(a, id))?.status === 'closed', 'it is over')
      const steps = await a.namespace.database.read
        .selectFrom('decisions')
        .select(['step', 'author', 'verdict'])
        .where('process', '=', id)
        .orderBy('n')
        .execute()
      assert.deepEqual(
        steps.map(({ step, verdict }) => `${step} ${verdict}`),
        ['remind accepted', 'remind accepted', 'remind accepted', 'repay accepted'],
      )
      assert(steps.slice(0, 3).every(({ author }) => author === a.did))
    },
  },
)
