import assert from 'node:assert/strict'
import { loadDefinition, templates } from '@concordat/protocol/process'
import { loadYaml } from '@concordat/protocol/process/yaml'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'

const wait = () => ({ confirm: true, timeoutMs: 20_000, signal: new AbortController().signal })

const partiesOf = (network: Network) => {
  const [buyer, seller] = network.parties
  assert(buyer && seller)
  return { buyer, seller }
}

/** Tells the definition, and resolves when every party has adopted it. */
async function agree(network: Network): Promise<string> {
  const { buyer } = partiesOf(network)
  const read = loadYaml(templates['purchase-order'])
  assert(read)
  const flow = await buyer.namespace.processes.propose(
    { definition: read.document ?? read },
    wait(),
  )
  for (const party of network.parties) {
    await party.until(async () => {
      const row = await party.namespace.database.read
        .selectFrom('flows')
        .select('seq')
        .where('hash', '=', flow.hash)
        .executeTakeFirst()
      return row !== undefined
    }, 'the definition is known')
    await party.namespace.processes.adopt(flow.hash, wait())
  }
  return flow.hash
}

const step = (party: Party, process: string, name: string, input: object, intent?: string) =>
  party.namespace.processes.submit(
    { process, step: name, input: { ...input } as never, intent },
    wait(),
  )

tellOnEachDialect(
  { parties: ['a', 'b'] },
  {
    'an order is proposed, countered, accepted, delivered, invoiced and paid, alike at both':
      async (network) => {
        const { buyer, seller } = partiesOf(network)
        const flow = await agree(network)
        const made = await buyer.namespace.processes.create(
          { flow, parties: { buyer: 'a', seller: 'b' } },
          wait(),
        )
        assert.equal(made.status, 'running', made.reason)
        const { id } = made
        const propose = await step(buyer, id, 'propose', {
          item: 'bolts',
          qty: 100,
          price: '12.50',
          currency: 'EUR',
        })
        assert.equal(propose.decision?.verdict, 'accepted', JSON.stringify(propose))
        await seller.until(async () => (await rowOf(seller, id))?.n === 1, 'the offer is there')
        const counter = await step(seller, id, 'counter', { price: '13' })
        assert.equal(counter.decision?.verdict, 'accepted', JSON.stringify(counter))
        const [one, other] = [await rowOf(buyer, id), await rowOf(seller, id)]
        assert.equal(other?.n, 2)
        await buyer.until(
          async () => (await rowOf(buyer, id))?.n === 2,
          'the counter-offer is there',
        )
        assert.equal((await rowOf(buyer, id))?.hash, other?.hash, JSON.stringify(one))
      },
  },
)

const rowOf = (party: Party, id: string) =>
  party.namespace.database.read
    .selectFrom('processes')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
