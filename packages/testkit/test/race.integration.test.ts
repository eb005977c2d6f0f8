import assert from 'node:assert/strict'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { pendingTransactions } from './support/mempool.ts'
import {
  agree,
  assertSameDecisions,
  decisionsAt,
  inOneBlock,
  submit,
  untilDecided,
  wait,
} from './support/processes.ts'

const RACES = 200

/** An offer that either of two may have: the first to accept has it. */
const lot = `flow: flow/1
govern: { consent: standing, clock: block }
name: lot
version: 1.0.0
roles: { seller: { one: true }, bidder: { many: true } }
state: { takenBy: { schema: { type: string } } }
stages: { main: { initial: open, values: [ open, taken ], final: [ taken ] } }
steps:
  accept: { by: [ bidder ], in: { main: open }, do: [ { set: takenBy, to: me } ], to: { main: taken } }
  withdraw: { by: [ seller ], in: { main: open }, to: { main: taken } }
`

const membersOf = ({ parties }: Network) => {
  const [seller, one, other] = parties
  assert(seller && one && other)
  return { seller, bidders: [one, other] as const }
}

tellOnEachDialect(
  { parties: ['a', 'b', 'c'] },
  {
    'two accept at once, two hundred times: one wins each time, and the other learns who': async (
      network,
    ) => {
      const { parties } = network
      const { seller, bidders } = membersOf(network)
      const flow = await agree(parties, { yaml: lot })
      const roles = { seller: seller.name, bidder: bidders.map(({ name }) => name) }
      const made = await Promise.all(
        Array.from({ length: RACES }, () =>
          seller.namespace.processes.create({ flow, parties: roles }, wait()),
        ),
      )
      const ids = made.map(({ id }) => id)
      for (const id of ids) await untilDecided(bidders, id, 0)

      await inOneBlock(network, async () => {
        await Promise.all(ids.flatMap((id) => bidders.map((bidder) => race(bidder, id))))
        await pendingTransactions(network, 2)
      })

      const wins = new Map<string | null, number>()
      for (const id of ids) {
        await untilDecided(parties, id, 2)
        await assertSameDecisions(parties, id)
        const author = await assertOneWinner(seller, id)
        wins.set(author, (wins.get(author) ?? 0) + 1)
      }
      assert.equal(
        [...wins.values()].reduce((sum, count) => sum + count),
        RACES,
      )
    },
  },
)

const race = (bidder: Party, id: string) => submit(bidder, id, 'accept', {}, { confirm: false })

/** Resolves who won. */
async function assertOneWinner(party: Party, id: string): Promise<string | null> {
  const decisions = await decisionsAt(party, id)
  assert.equal(decisions.length, 2)
  const [won, lost] = decisions
  assert(won && lost)
  assert.deepEqual([won.verdict, lost.verdict, lost.code], ['accepted', 'rejected', 'CONFLICT'])
  assert.notEqual(won.author, lost.author)
  const { winner } = JSON.parse(lost.record)
  assert.deepEqual([winner.message, winner.author], [won.message, won.author])
  return won.author
}
