import assert from 'node:assert/strict'
import { call } from '../src/anvil.ts'
import type { Network } from '../src/network.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { agreeOn, begin, patiently, rowOf, take } from './support/process-work.ts'

const DAY = 86_400

const pass = async ({ anvil }: Network, seconds: number): Promise<void> => {
  await call(anvil.url, 'evm_increaseTime', [seconds])
  await call(anvil.url, 'evm_mine', [])
}

tellOnEachDialect(
  { parties: ['a', 'b'] },
  {
    'an offer that nobody answers expires, alike at both, though nobody does anything': async (
      network,
    ) => {
      const { party } = network
      const [buyer, seller] = [party('a'), party('b')]
      const flow = await agreeOn(network, 'purchase-order')
      const id = await begin(buyer, { flow, parties: { buyer: 'a', seller: 'b' } })
      const terms = { item: 'bolts', qty: 100, price: '12.50', currency: 'EUR' }
      await take(buyer, id, 'propose', terms)
      await pass(network, 2 * DAY + 2)
      for (const each of [buyer, seller])
        await each.until(async () => (await rowOf(each, id))?.status === 'closed', 'it is over')
      const rows = [await rowOf(buyer, id), await rowOf(seller, id)]
      assert.equal(rows[0]?.hash, rows[1]?.hash)
      const decisions = await buyer.namespace.database.read
        .selectFrom('decisions')
        .select(['verdict', 'deadline'])
        .where('process', '=', id)
        .orderBy('n')
        .execute()
      assert.equal(decisions[1]?.verdict, 'timeout')
      assert.equal(decisions[1]?.deadline, 'offerExpires')
      const late = await seller.namespace.processes.submit(
        { process: id, step: 'accept', input: { round: 1n } as never },
        patiently(),
      )
      assert.notEqual(late.decision?.verdict, 'accepted')
    },
  },
)
