import assert from 'node:assert/strict'
import {
  type BlockedTopic,
  identityClaimJson,
  identityTopic,
  type Message,
  nodeDid,
  orgDid,
} from '@concordat/protocol'
import { uuidOf } from '../../node/src/aggregator/chain-fixtures.testing.ts'
import { call } from '../src/anvil.ts'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import {
  askFor,
  assertAgree,
  broadcast,
  outcomeOf,
  sendPrivate,
  untilState,
} from './support/outcome.ts'
import { asAuthor, asStranger, createRogue, lay, nextBatch } from './support/rogue.ts'

const partiesOf = (network: Network) => {
  const [a, b, c] = network.parties
  assert(a && b && c)
  return [a, b, c] as const
}

/** Where shared storage holds the batch of a message of a party's own. */
async function payloadRefOf(party: Party, message: string): Promise<string> {
  const row = await party.namespace.database.read
    .selectFrom('messages')
    .innerJoin('batches', 'batches.id', 'messages.batch')
    .select('payloadRef')
    .where('messages.id', '=', message)
    .executeTakeFirst()
  return row?.payloadRef ?? ''
}

/** Resolves when a party says that something is blocked. */
async function untilBlocked(
  party: Party,
  matches: (topic: BlockedTopic) => boolean,
): Promise<BlockedTopic> {
  let found: BlockedTopic | undefined
  await party.until(async () => {
    found = (await party.get<BlockedTopic[]>('blocked')).find(matches)
    return found !== undefined
  }, 'something is blocked')
  assert(found)
  return found
}

const untilFree = (party: Party): Promise<void> =>
  party.until(
    async () => (await party.get<unknown[]>('blocked')).length === 0,
    'nothing is blocked',
  )

tellOnEachDialect(
  { parties: ['a', 'b', 'c'] },
  {
    'the payload is there before the chain says so': async (network) => {
      const [a, b, c] = partiesOf(network)
      const url = network.anvil.url
      await call(url, 'evm_setAutomine', [false])
      const secret = await sendPrivate(a, [a, b], { topics: ['early'] })
      await untilState([b], secret, 'pending')
      const open = await broadcast(a, { topics: ['early'] })
      for (const party of [b, c])
        await party.until(async () => {
          const row = await party.namespace.database.read
            .selectFrom('payloads')
            .select('size')
            .where('hash', '=', await payloadRefOf(a, open))
            .executeTakeFirst()
          return row !== undefined
        }, 'a payload is here')
      assert.deepEqual(await b.get('blocked'), [])
      await call(url, 'evm_setAutomine', [true])
      await call(url, 'evm_mine', [])
      await untilState([a, b], secret, 'confirmed')
      await untilState([a, b, c], open, 'confirmed')
      await assertAgree(network.parties)
    },

    'the chain is there before the payload: it is named whose it is, and whoever holds it can give it':
      async (network) => {
        const [a, b, c] = partiesOf(network)
        await b.stop()
        const held = await sendPrivate(a, [a, b, c], { topics: ['late'] })
        await untilState([a, c], held, 'confirmed')
        const between = await sendPrivate(a, [a, b], { topics: ['between'] })
        await untilState([a], between, 'confirmed')
        await a.stop()
        await b.start()
        // That b is one of them, it knows from the batch alone: until it comes, its pins are nobody's.
        const behind = await sendPrivate(c, [a, b, c], { topics: ['late'] })
        const blocked = await untilBlocked(
          b,
          ({ blockedBy }) => blockedBy.kind !== 'paused_subscription',
        )
        assert.equal(
          blocked.blockedBy.author,
          blocked.blockedBy.kind === 'missing_group' ? c.did : a.did,
        )
        const pins = await c.get<{ batch: string }[]>(`pins?limit=0&sort=sequence`)
        const batch = (await c.get<Message>(`messages/${held}`)).batch
        assert(pins.some((pin) => pin.batch === batch))
        await askFor(b, batch ?? '')
        await untilState([b], held, 'confirmed')
        await untilState([b], behind, 'confirmed')
        await a.start()
        await untilState([b], between, 'confirmed')
        await untilState([a], behind, 'confirmed')
        await untilFree(b)
        await assertAgree(network.parties)
      },

    'a payload that its author lost is named, with what waits behind it, and comes when it is found':
      async (network) => {
        const [a, b, c] = partiesOf(network)
        const author = await asAuthor(c)
        const id = uuidOf('lost')
        const lost = nextBatch(author, [{ id, topics: ['lost'] }])
        await createRogue(network).pin(author.key, lost)
        const behind = [
          await broadcast(a, { topics: ['lost'] }),
          await broadcast(b, { topics: ['lost'] }),
        ]
        const blocked = await untilBlocked(b, ({ waiting }) => waiting === 2)
        const { kind, batch, holder, author: of, signer } = blocked.blockedBy
        assert.deepEqual(
          { kind, batch, holder, of, signer },
          { kind: 'missing_payload', batch: lost.id, holder: c.did, of: c.did, signer: c.key },
        )
        assert.deepEqual(blocked.actions, ['request_payload', 'rewind'])
        assert.ok(Date.parse(blocked.since) > 0)
        // Others go on.
        const elsewhere = await broadcast(a, { topics: ['elsewhere'] })
        await untilState(network.parties, elsewhere, 'confirmed')
        const { sequence = 0 } = blocked.blockedBy.pin ?? {}
        await b.post('pins/rewind', { sequence })
        assert.equal((await outcomeOf(b)).order.get('lost all'), undefined)
        await lay(c, lost)
        for (const party of [a, b]) await askFor(party, lost.id)
        await c.post('pins/rewind', { batch: lost.id })
        await askFor(c, lost.id)
        for (const each of [id, ...behind]) await untilState(network.parties, each, 'confirmed')
        for (const { order } of await assertAgree(network.parties))
          assert.deepEqual(order.get('lost all')?.[0], id)
        for (const party of network.parties) await untilFree(party)
      },

    'what a stranger pins and nobody holds is set aside': async (network) => {
      const [a, b] = partiesOf(network)
      const stranger = asStranger('y', network.anvil.accounts[14]?.address ?? '')
      const rogue = createRogue(network)
      for (const name of ['one', 'two', 'three'])
        await rogue.pin(
          stranger.key,
          nextBatch(stranger, [{ id: uuidOf(`junk ${name}`), topics: ['aside'] }]),
        )
      const id = await broadcast(a, { topics: ['aside'] })
      await untilState(network.parties, id, 'confirmed')
      await untilFree(b)
    },

    'a node whose organisation may yet be registered waits for it, and says so': async (
      network,
    ) => {
      const [a, b] = partiesOf(network)
      const key = network.anvil.accounts[13]?.address ?? ''
      const newcomer = asStranger('newcomer', key)
      const rogue = createRogue(network)
      const common = { namespace: '', messages: { claim: null, verification: null, update: null } }
      const org = {
        ...common,
        id: newcomer.id,
        did: orgDid('newcomer'),
        type: 'org',
        name: 'newcomer',
      }
      const node = {
        ...common,
        id: newcomer.nodeId,
        did: nodeDid('newcomer-node'),
        type: 'node',
        name: 'newcomer-node',
        parent: newcomer.id,
        profile: { id: newcomer.peer },
      }
      const [claimOrg, claimNode] = [org, node].map((identity) =>
        nextBatch(newcomer, [
          {
            id: uuidOf(`claim of ${identity.did}`),
            topics: [identityTopic(identity.did)],
            definition: { tag: 'ff_identity_claim', text: identityClaimJson({ identity }) },
          },
        ]),
      )
      assert(claimOrg && claimNode)
      for (const party of network.parties) await lay(party, claimNode)
      await rogue.pin(key, claimOrg)
      await rogue.pin(key, claimNode)
      const blocked = await untilBlocked(b, ({ blockedBy }) => blockedBy.batch === claimNode.id)
      assert.equal(blocked.blockedBy.kind, 'waiting_parent')
      assert.equal(blocked.blockedBy.author, newcomer.did)
      await lay(a, claimOrg)
      for (const party of network.parties)
        await party.until(async () => {
          const nodes = await party.get<{ did: string }[]>('network/nodes')
          return nodes.some(({ did }) => did === node.did)
        }, 'the newcomer is known')
      await untilFree(b)
    },
  },
)
