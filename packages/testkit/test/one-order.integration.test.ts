import assert from 'node:assert/strict'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { assertAgree, broadcast, outcomeOf, sendPrivate, untilState } from './support/outcome.ts'

const TOPICS = [['red'], ['green'], ['red', 'green'], ['green', 'blue', 'red']]

interface Sent {
  readonly id: string
  /** Who gets it; everyone when absent. */
  readonly group?: readonly Party[]
}

/** Sends some in a row and some side by side: to all, and to groups. */
async function sendMany(party: Party, groups: readonly (readonly Party[] | undefined)[]) {
  const sent: Sent[] = []
  for (let i = 0; i < 15; i++) {
    const some = TOPICS.map(async (topics, j): Promise<Sent> => {
      const group = groups[(i + j) % groups.length]
      const value = `${party.name} ${i} ${j}`
      return group
        ? { id: await sendPrivate(party, group, { topics, value }), group }
        : { id: await broadcast(party, { topics, value }) }
    })
    sent.push(...(await Promise.all(some)))
  }
  return sent
}

async function untilAllHave(parties: readonly Party[], sent: readonly Sent[]): Promise<void> {
  for (const party of parties) {
    const theirs = sent.filter(({ group }) => group === undefined || group.includes(party))
    await party.until(async () => {
      const here = new Set([...(await outcomeOf(party)).order.values()].flat())
      return theirs.every(({ id }) => here.has(id))
    }, `all ${theirs.length} messages are confirmed`)
  }
}

tellOnEachDialect(
  { parties: ['a', 'b', 'c'] },
  {
    'parties that send at once, to all and in private, agree on the order of every topic': async (
      network,
    ) => {
      const { parties } = network
      const [a, b, c] = parties
      assert(a && b && c)
      const sent = await Promise.all(
        parties.map((party) =>
          sendMany(party, [undefined, parties, party === c ? undefined : [a, b]]),
        ),
      )
      await untilAllHave(parties, sent.flat())
      const outcomes = await assertAgree(parties)
      for (const { rejected } of outcomes) assert.deepEqual([...rejected], [])
    },

    'a party that was away for 1,000 messages catches up': async (network) => {
      const { parties } = network
      const a = network.party('a')
      const b = network.party('b')
      const c = network.party('c')
      await c.stop()
      const sent: Promise<string>[] = []
      for (let i = 0; i < 500; i++) {
        sent.push(broadcast(i % 2 ? a : b, { topics: [`away${i % 5}`], value: i }))
        sent.push(sendPrivate(i % 2 ? b : a, parties, { topics: [`away${i % 3}`], value: i }))
      }
      const ids = await Promise.all(sent)
      await c.start()
      await untilAllHave(
        parties,
        ids.map((id) => ({ id })),
      )
      await assertAgree(parties)
      assert.deepEqual(await c.get('blocked'), [])
    },

    'a party that joins later has all broadcasts and none of the private messages': async (
      network,
    ) => {
      const a = network.party('a')
      const b = network.party('b')
      const past = await outcomeOf(a)
      const d = await network.join('d')
      const broadcasts = [...past.order].filter(([context]) => context.endsWith(' all'))
      await d.until(async () => {
        const { order } = await outcomeOf(d)
        return broadcasts.every(([context, ids]) => (order.get(context)?.length ?? 0) >= ids.length)
      }, 'it has all broadcasts')
      await assertAgree([a, d])
      const theirs = await d.namespace.database.read.selectFrom('messages').selectAll().execute()
      assert.deepEqual(
        theirs.filter(({ groupHash }) => groupHash !== null),
        [],
      )
      const id = await broadcast(d, { topics: ['hello'] })
      const secret = await sendPrivate(b, [a, d], { topics: ['hello'] })
      await untilState([a, b, d], id, 'confirmed')
      await untilState([a, b, d], secret, 'confirmed')
      await assertAgree([a, b, d])
    },
  },
)
