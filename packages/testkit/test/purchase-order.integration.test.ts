import assert from 'node:assert/strict'
import type { Network } from '../src/network.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { pendingTransactions } from './support/mempool.ts'
import {
  act,
  agree,
  assertSameDecisions,
  begin,
  decisionsAt,
  eventsAt,
  historyAt,
  inOneBlock,
  processAt,
  stagesAt,
  submit,
  untilDecided,
} from './support/processes.ts'

const partiesOf = (network: Network) => {
  const [buyer, seller, carrier] = network.parties
  assert(buyer && seller && carrier)
  return { buyer, seller, carrier }
}

const terms = { item: 'bolts', qty: 100, price: '12.50', currency: 'EUR' }

tellOnEachDialect(
  { parties: ['a', 'b', 'c'] },
  {
    'an order is proposed, countered, accepted, delivered, invoiced and paid, alike at both':
      async (network) => {
        const { buyer, seller, carrier } = partiesOf(network)
        const both = [buyer, seller]
        const flow = await agree(both, 'purchase-order')
        const id = await begin(buyer, flow, { buyer, seller })

        await act(both, buyer, id, 'propose', terms)
        const own = await submit(buyer, id, 'accept', { round: 1 })
        assert.equal(own.decision?.code, 'NOT_YOUR_TURN')
        assert.equal(own.message, undefined, 'what can not count is not sent')
        await act(both, seller, id, 'counter', { price: '13' })
        await act(both, buyer, id, 'accept', { round: 2 })
        await act(both, seller, id, 'deliver', { qty: 90 })
        const wrong = await submit(seller, id, 'invoice', invoiceOf('1170', '1392.31'))
        assert.equal(wrong.decision?.code, 'TOTAL_MISMATCH')
        await act(both, seller, id, 'invoice', invoiceOf('1170', '1392.30'))
        await act(both, seller, id, 'pay')

        await assertSameDecisions(both, id)
        for (const party of both) {
          assert.deepEqual(await stagesAt(party, id), { main: 'paid' })
          assert.equal((await processAt(party, id))?.status, 'closed')
          assert.deepEqual(await eventsAt(party, id), [
            'process_created',
            ...Array(6).fill('process_step_accepted'),
            'process_closed',
          ])
        }
        assert.equal(await processAt(carrier, id), undefined, 'it is nobody else’s business')
      },

    'an acceptance and a withdrawal meet: one wins, and the other is told which': async (
      network,
    ) => {
      const { buyer, seller } = partiesOf(network)
      const both = [buyer, seller]
      const id = await begin(seller, await agree(both, 'purchase-order'), { buyer, seller })
      await act(both, buyer, id, 'propose', terms)
      await inOneBlock(network, async () => {
        await submit(buyer, id, 'withdraw', {}, { confirm: false })
        await submit(seller, id, 'accept', { round: 1 }, { confirm: false })
        await pendingTransactions(network, 2)
      })
      await untilDecided(both, id, 3)
      await assertSameDecisions(both, id)
      const [, winner, loser] = await decisionsAt(buyer, id)
      assert(winner && loser)
      assert.deepEqual([winner.verdict, loser.verdict], ['accepted', 'rejected'])
      assert.equal(loser.code, 'CONFLICT')
      const { winner: named } = JSON.parse(loser.record)
      assert.equal(named.message, winner.message)
      assert.equal(named.author, winner.author)
      assert.equal(named.step, winner.step)
    },

    'the same wish twice is one step': async (network) => {
      const { buyer, seller } = partiesOf(network)
      const both = [buyer, seller]
      const id = await begin(buyer, await agree(both, 'purchase-order'), { buyer, seller })
      const first = await submit(buyer, id, 'propose', terms, { intent: `offer of ${id}` })
      const again = await submit(buyer, id, 'propose', terms, { intent: `offer of ${id}` })
      assert.equal(again.message, first.message)
      assert.deepEqual(again.decision, first.decision)
      await assertSameDecisions(both, id)
      assert.deepEqual(await historyAt(seller, id), ['accepted propose'])
    },
  },
)

const invoiceOf = (net: string, total: string) => ({ net, vatRate: '0.19', total })
