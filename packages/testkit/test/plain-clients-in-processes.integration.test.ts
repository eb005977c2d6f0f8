import assert from 'node:assert/strict'
import type { Network } from '../src/network.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { createFireFly, listen } from './support/firefly-client.ts'
import {
  act,
  agree,
  assertSameDecisions,
  begin,
  decisionsAt,
  historyAt,
  knowsFlow,
  processAt,
  untilDecided,
  wait,
} from './support/processes.ts'

const lot = `flow: flow/1
govern: { consent: each, clock: block }
name: shared-lot
version: 1.0.0
roles: { seller: { one: true }, bidder: { many: true } }
state: { price: { schema: { type: integer }, default: 0 }, best: { schema: { type: string } } }
stages: { main: { initial: open, values: [ open, sold ], final: [ sold ] } }
steps:
  bid:
    by: [ bidder ]
    in: { main: open }
    input: { type: object, required: [ price ], properties: { price: { type: integer, minimum: 1 } } }
    when: [ { code: TOO_LOW, rule: input.price > state.price } ]
    do: [ { set: price, to: input.price }, { set: best, to: me } ]
  sell: { by: [ seller ], in: { main: open }, to: { main: sold } }
`

const partiesOf = (network: Network) => {
  const [seller, bidder, plain] = network.parties
  assert(seller && bidder && plain)
  return { seller, bidder, plain, judges: [seller, bidder] }
}

/** Parties whose configuration was changed since. */
const judgesToo = new Set<string>()

tellOnEachDialect(
  {
    parties: ['a', 'b', 'plain'],
    configure(yaml, party) {
      if (party !== 'plain' || judgesToo.has(party)) return yaml
      const { namespaces } = yaml
      const predefined = namespaces.predefined.map((namespace) => ({
        ...namespace,
        processes: { enabled: false },
      }))
      return { ...yaml, namespaces: { ...namespaces, predefined } }
    },
  },
  {
    'a client that knows nothing of processes takes a step with a message, and sees those of others':
      async (network) => {
        const { seller, bidder, judges } = partiesOf(network)
        const flow = await agree(judges, { yaml: lot })
        const id = await begin(seller, flow, { seller, bidder: [bidder] })
        await act(judges, bidder, id, '$join')
        const client = createFireFly(bidder)
        await client.replaceSubscription({ name: 'steps', filter: { events: 'message_confirmed' } })
        using heard = listen(client, 'steps')
        const step = {
          ffp: 'step/1',
          p: id,
          def: flow,
          e: 0,
          step: 'bid',
          role: 'bidder',
          intent: `bid on ${id}`,
          input: { price: 100 },
        }
        const sent = await client.sendPrivateMessage(
          {
            header: { tag: 'ffp.step', topics: [`ffp-${id}`] },
            group: { members: [{ identity: 'a' }, { identity: 'b' }] },
            data: [{ value: step }],
          },
          { confirm: true },
        )
        assert.equal(sent.state, 'confirmed')
        await untilDecided(judges, id, 2)
        await assertSameDecisions(judges, id)
        const [, bid] = await decisionsAt(seller, id)
        assert.deepEqual([bid?.verdict, bid?.message], ['accepted', sent.header.id])

        await act(judges, seller, id, 'sell')
        const sale = (await decisionsAt(seller, id)).at(-1)
        const delivery = await heard.find(
          (event) => event.message?.header.id === sale?.message,
          'the sale as a message',
        )
        assert.equal(delivery.message?.header.tag, 'ffp.step')
        const [claim] = await Promise.all(
          (delivery.message?.data ?? []).map(async ({ id: data = '' }) => client.getData(data)),
        )
        assert.equal(claim?.value?.step, 'sell')
      },

    'a node that judges nothing is a member like others, sends steps, and disturbs nobody': async (
      network,
    ) => {
      const { seller, bidder, plain, judges } = partiesOf(network)
      const flow = await agree(judges, { yaml: lot.replace('shared-lot', 'open-lot') })
      const { id } = await seller.namespace.processes.create(
        { flow, parties: { seller: 'a', bidder: ['b', 'plain'] } },
        wait(),
      )
      await untilDecided(judges, id, 0)
      await act(judges, bidder, id, '$join')
      const client = createFireFly(plain)
      const send = async (step: string, input: object) =>
        await client.sendPrivateMessage(
          {
            header: { tag: 'ffp.step', topics: [`ffp-${id}`] },
            group: { members: ['a', 'b', 'plain'].map((identity) => ({ identity })) },
            data: [
              {
                value: {
                  ffp: 'step/1',
                  p: id,
                  def: flow,
                  e: 0,
                  step,
                  role: 'bidder',
                  intent: `${step} ${JSON.stringify(input)} ${id}`,
                  input,
                },
              },
            ],
          },
          { confirm: true },
        )
      await send('$join', {})
      await send('bid', { price: 7 })
      await untilDecided(judges, id, 3)
      await act(judges, bidder, id, 'bid', { price: 8 })
      await send('bid', { price: 8 })
      await untilDecided(judges, id, 5)
      await act(judges, seller, id, 'sell')
      await assertSameDecisions(judges, id)
      assert.deepEqual(await historyAt(seller, id), [
        'accepted $join',
        'accepted $join',
        'accepted bid',
        'accepted bid',
        'rejected bid TOO_LOW',
        'accepted sell',
      ])

      const messages = await client.getMessages({ topics: `ffp-${id}`, tag: 'ffp.step' })
      assert.equal(messages.length, 6)
      for (const { state } of messages) assert.equal(state, 'confirmed')
      assert.equal(await processAt(plain, id), undefined)
      await assert.rejects(plain.namespace.processes.adopt(flow, wait()), /CC21013/)
    },

    'who did not judge does not begin in the middle': async (network) => {
      const { seller, plain, judges } = partiesOf(network)
      const flow = await agree(judges, { yaml: lot.replace('shared-lot', 'late-lot') })
      await knowsFlow(seller, flow)
      await plain.until(async () => {
        const { read } = plain.namespace.database
        const marks = await read.selectFrom('chainCheckpoints').select('name').execute()
        return marks.some(({ name }) => name.endsWith('|processes'))
      }, 'it has let something pass')
      judgesToo.add('plain')
      await plain.stop()
      await assert.rejects(plain.start(), /CC21014/)
      judgesToo.delete('plain')
      await plain.start()
    },
  },
)
