import assert from 'node:assert/strict'
import { after } from 'node:test'
import type { BlockedTopic, Message, Operation } from '@concordat/protocol'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { createGate } from './support/gate.ts'
import { assertAgree, broadcast, outcomeOf, sendPrivate, untilState } from './support/outcome.ts'

/** Resolves when a party's node has noticed that its chain is away: from then on it signs nothing. */
const untilSilent = (party: Party): Promise<void> =>
  party.until(
    async () =>
      (await party.get<BlockedTopic[]>('blocked')).some(
        ({ blockedBy }) => blockedBy.kind === 'silent_chain',
      ),
    'the chain is silent',
  )

// The way from one party's node to the chain.
const gate = await createGate()
after(() => gate.shut().catch(() => {}))

const partiesOf = (network: Network) => {
  const [a, b] = network.parties
  assert(a && b)
  return [a, b] as const
}

tellOnEachDialect(
  {
    parties: ['a', 'b'],
    configure(yaml, party, chain) {
      if (party !== 'a') return yaml
      gate.to = chain.port
      const [blockchain] = yaml.plugins.blockchain
      const evm = { ...blockchain?.evm, url: `http://127.0.0.1:${gate.port}` }
      return { ...yaml, plugins: { ...yaml.plugins, blockchain: [{ ...blockchain, evm }] } }
    },
  },
  {
    'a batch that never got to the chain is named, can be taken back, and leaves no hole': async (
      network,
    ) => {
      const [a, b] = partiesOf(network)
      const before = await sendPrivate(a, [a, b], { topics: ['deal'], value: 1 })
      await untilState([a, b], before, 'confirmed')
      await gate.shut()
      await untilSilent(a)
      const taken = await sendPrivate(a, [a, b], { topics: ['deal'], value: 'mistake' })
      const open = await broadcast(a, { topics: ['deal'] })
      // It has its payload already.
      await untilState([b], taken, 'pending')
      const kept = await sendPrivate(a, [a, b], { topics: ['deal'], value: 2 })
      let blocked: BlockedTopic[] = []
      await a.until(async () => {
        blocked = (await a.get<BlockedTopic[]>('blocked')).filter(
          ({ blockedBy }) => blockedBy.kind === 'failed_operation',
        )
        return blocked.length >= 2
      }, 'the batches are named')
      for (const { actions } of blocked) assert.deepEqual(actions, ['cancel_batch'])
      const batchOf = async (id: string) => (await a.get<Message>(`messages/${id}`)).batch
      for (const id of [taken, open]) await a.post(`batches/${await batchOf(id)}/cancel`, {})
      await untilState([a], taken, 'cancelled')
      await untilState([a], open, 'cancelled')
      await gate.open()
      await untilState([a, b], kept, 'confirmed')
      await untilState([b], taken, 'cancelled')
      const later = await sendPrivate(b, [a, b], { topics: ['deal'], value: 3 })
      await untilState([a, b], later, 'confirmed')
      const [mine] = await assertAgree([a, b])
      const deal = [...(mine?.order ?? [])].find(([context]) => /^deal [0-9a-f]{64}$/.test(context))
      const ids = deal?.[1] ?? []
      assert.deepEqual(
        ids.filter((id) => [before, taken, kept, later].includes(id)),
        [before, kept, later],
      )
      const gap = await b.get<Message[]>(`messages?cid=${taken}`)
      assert.deepEqual(
        gap.map(({ header }) => header.tag),
        ['ff_gap_fill'],
      )
      await assert.rejects(a.post(`batches/${await batchOf(kept)}/cancel`, {}), /CC20703/)
    },

    'a group whose first batch was taken back is announced all the same': async (network) => {
      const [a, b] = partiesOf(network)
      await gate.shut()
      await untilSilent(a)
      const group = { name: 'anew', members: [{ identity: 'a' }, { identity: 'b' }] }
      const send = (value: string) =>
        a.post<Message>('messages/private', { header: { topics: ['x'] }, group, data: [{ value }] })
      const first = await send('first')
      await a.until(async () => (await a.get<unknown[]>('blocked')).length > 1, 'it is named')
      const { batch } = await a.get<Message>(`messages/${first.header.id}`)
      await a.post(`batches/${batch}/cancel`, {})
      await gate.open()
      const second = await send('second')
      await untilState([a, b], second.header.id ?? '', 'confirmed')
      const { order } = await outcomeOf(b)
      assert.ok(order.has(`x ${second.header.group}`))
      await assertAgree([a, b])
    },

    'an operation is done again when asked, and the batch it pins twice is decided once': async (
      network,
    ) => {
      const [a, b] = partiesOf(network)
      const id = await broadcast(a, { topics: ['again'] })
      await untilState([a, b], id, 'confirmed')
      const { batch } = await a.get<Message>(`messages/${id}`)
      const { tx } = await a.get<{ tx: { id: string } }>(`batches/${batch}`)
      const operations = await a.get<Operation[]>(
        `operations?tx=${tx.id}&type=blockchain_pin_batch`,
      )
      const [pin] = operations
      assert(pin)
      // As if the chain had refused it.
      await a.namespace.database.transaction(async ({ db }) => {
        await db
          .updateTable('operations')
          .set({ status: 'Failed' })
          .where('id', '=', pin.id)
          .execute()
      })
      const again = await a.post<Operation>(`operations/${pin.id}/retry`, {})
      assert.notEqual(again.id, pin.id)
      await a.until(
        async () => (await a.get<Operation>(`operations/${again.id}`)).status === 'Succeeded',
        'it succeeded',
      )
      const next = await broadcast(b, { topics: ['again'] })
      await untilState([a, b], next, 'confirmed')
      for (const { order } of await assertAgree([a, b]))
        assert.deepEqual(order.get('again all'), [id, next])
    },
  },
)
