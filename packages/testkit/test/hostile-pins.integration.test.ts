import assert from 'node:assert/strict'
import {
  broadcastContext,
  identityClaimJson,
  identityTopic,
  orgDid,
  sha256Hex,
} from '@concordat/protocol'
import { type TestParty, uuidOf } from '../../node/src/aggregator/chain-fixtures.testing.ts'
import { call } from '../src/anvil.ts'
import type { Network } from '../src/network.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { pendingTransactions, takeOut } from './support/mempool.ts'
import { assertAgree, broadcast, outcomeOf, sendPrivate, untilState } from './support/outcome.ts'
import { asAuthor, asStranger, createRogue, lay, nextBatch } from './support/rogue.ts'
import { everythingAt, everythingOnChain } from './support/search.ts'

const partiesOf = (network: Network) => {
  const [a, b, c] = network.parties
  assert(a && b && c)
  return [a, b, c] as const
}
const strangerOf = (network: Network): TestParty =>
  asStranger('x', network.anvil.accounts[15]?.address ?? '')

tellOnEachDialect(
  { parties: ['a', 'b', 'c'] },
  {
    'pins of a stranger hold nobody up: unreadable, on topics in use, with contexts too many or none':
      async (network) => {
        const [a, b] = partiesOf(network)
        const rogue = createRogue(network)
        const junk = nextBatch(strangerOf(network), [{ id: uuidOf('junk'), topics: ['news'] }])
        await rogue.pin(strangerOf(network).key, junk)
        await rogue.pin(strangerOf(network).key, junk, { payloadRef: 'ipfs://nowhere/\u0001 ".' })
        await rogue.pin(strangerOf(network).key, junk, {
          contexts: Array(300).fill(broadcastContext('news')),
        })
        await rogue.pin(strangerOf(network).key, junk, { contexts: [] })
        const before = [
          await broadcast(a, { topics: ['news'] }),
          await broadcast(b, { topics: ['news'] }),
        ]
        for (const id of before) await untilState(network.parties, id, 'confirmed')
        await assertAgree(network.parties)
      },

    'a copy of a pin, seen before it was mined and pinned first, changes nothing': async (
      network,
    ) => {
      const [a, b, c] = partiesOf(network)
      const rogue = createRogue(network)
      await call(network.anvil.url, 'evm_setAutomine', [false])
      const ids = [
        await broadcast(a, { topics: ['copied'] }),
        await sendPrivate(a, [a, b, c], { topics: ['copied'] }),
      ]
      const pending = await pendingTransactions(network, 2)
      const putBack = await takeOut(network, a, pending)
      for (const { input } of pending) {
        await rogue.send(strangerOf(network).key, input)
        // A member may copy as well as a stranger.
        await rogue.send(b.key, input)
      }
      await putBack()
      await call(network.anvil.url, 'evm_setAutomine', [true])
      await call(network.anvil.url, 'evm_mine', [])
      for (const id of ids) await untilState(network.parties, id, 'confirmed')
      await assertAgree(network.parties)
      const later = await sendPrivate(a, [a, b, c], { topics: ['copied'] })
      await untilState(network.parties, later, 'confirmed')
      await assertAgree(network.parties)
    },

    'a batch pinned twice is decided once': async (network) => {
      const [a, b, c] = partiesOf(network)
      const rogue = createRogue(network)
      const author = await asAuthor(c)
      const id = uuidOf('twice')
      const batch = nextBatch(author, [{ id, topics: ['twice'] }])
      await lay(c, batch)
      await rogue.pin(author.key, batch)
      await rogue.pin(author.key, batch)
      await untilState([a, b, c], id, 'confirmed')
      const next = await broadcast(a, { topics: ['twice'] })
      await untilState(network.parties, next, 'confirmed')
      const outcomes = await assertAgree(network.parties)
      for (const { order } of outcomes) assert.deepEqual(order.get('twice all'), [id, next])
    },

    'of two contents under one id both are judged, alike and in order': async (network) => {
      const [a, b, c] = partiesOf(network)
      const rogue = createRogue(network)
      const author = await asAuthor(c)
      const id = uuidOf('equivocal')
      const one = nextBatch(author, [{ id, topics: ['either'] }])
      const two = nextBatch(author, [{ id, topics: ['either', 'or'] }])
      // Each holder has one of them first.
      await lay(a, one)
      await lay(b, two)
      await rogue.pin(author.key, one)
      await rogue.pin(author.key, two)
      const last = await broadcast(a, { topics: ['either'] })
      await untilState(network.parties, last, 'confirmed')
      const outcomes = await assertAgree(network.parties)
      for (const { order } of outcomes) assert.deepEqual(order.get('either all'), [id, id, last])
    },

    'what breaks the rules is rejected alike: another’s name, a stranger’s key, pins of other topics':
      async (network) => {
        const [a, b, c] = partiesOf(network)
        const rogue = createRogue(network)
        const author = await asAuthor(c)
        const bad = [
          { by: { ...author, did: a.did }, code: 'FF10453' },
          { by: { ...strangerOf(network), did: a.did }, code: 'FF10356' },
          { by: author, code: 'CC20701', contexts: [broadcastContext('elsewhere')] },
        ]
        const expected = new Map<string, string>()
        for (const [i, { by, code, contexts }] of bad.entries()) {
          const id = uuidOf(`bad ${i}`)
          expected.set(id, code)
          const batch = nextBatch(by, [{ id, topics: ['rules'] }])
          await lay(b, batch)
          await rogue.pin(by.key, batch, contexts ? { contexts } : {})
          await untilState(network.parties, id, 'rejected')
        }
        const last = await broadcast(a, { topics: ['rules'] })
        await untilState(network.parties, last, 'confirmed')
        for (const { rejected, order } of await assertAgree(network.parties)) {
          assert.deepEqual(order.get('rules all'), [last])
          for (const [id, code] of expected) {
            const reason = [...rejected].find(([key]) => key.startsWith(id))?.[1]
            assert.match(reason ?? '', new RegExp(`^${code}`))
          }
        }
      },

    'of two who claim one name the first on the chain has it, everywhere': async (network) => {
      const [a, b] = partiesOf(network)
      const rogue = createRogue(network)
      const did = orgDid('twin')
      const claims = [12, 13].map((account) => {
        const key = network.anvil.accounts[account]?.address ?? ''
        const identity = {
          id: uuidOf(`twin ${account}`),
          did,
          type: 'org',
          namespace: '',
          name: 'twin',
          messages: { claim: null, verification: null, update: null },
        }
        const definition = { tag: 'ff_identity_claim', text: identityClaimJson({ identity }) }
        const message = { id: uuidOf(`claim ${account}`), topics: [identityTopic(did)], definition }
        return {
          key,
          id: message.id,
          batch: nextBatch({ ...asStranger('twin', key), did }, [message]),
        }
      })
      const [first, second] = claims
      assert(first && second)
      // The second is known everywhere before the first.
      for (const party of network.parties) await lay(party, second.batch)
      await rogue.pin(first.key, first.batch)
      await rogue.pin(second.key, second.batch)
      await b.until(
        async () => (await outcomeOf(b)).open.includes(second.id),
        'the second waits for the first',
      )
      await lay(a, first.batch)
      await untilState(network.parties, second.id, 'rejected')
      await untilState(network.parties, first.id, 'confirmed')
      for (const party of network.parties) {
        const [org] = await party.get<{ id: string }[]>(`network/organizations?did=${did}`)
        assert.equal(org?.id, uuidOf('twin 12'))
      }
      await assertAgree(network.parties)
    },

    'nothing of a private message reaches who is not in its group: not on the chain, not in any table':
      async (network) => {
        const [a, b, c] = partiesOf(network)
        const secret = `secret-${sha256Hex('secret').slice(0, 12)}`
        const id = await sendPrivate(a, [a, b], {
          topics: [`${secret}-topic`],
          tag: secret,
          value: secret,
        })
        await untilState([a, b], id, 'confirmed')
        await broadcast(a, { topics: ['after'] }).then((last) =>
          untilState(network.parties, last, 'confirmed'),
        )
        const seen = [await everythingOnChain(network), await everythingAt(c)].join('\n')
        for (const trace of [secret, Buffer.from(secret).toString('hex'), id])
          assert.ok(!seen.includes(trace), `${trace} is to be seen`)
        const own = await everythingAt(a)
        assert.ok(own.includes(secret), 'the search finds what is there')
      },
  },
)
