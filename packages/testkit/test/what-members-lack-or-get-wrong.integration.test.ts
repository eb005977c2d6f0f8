import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  type BlockedTopic,
  identityClaimJson,
  identityTopic,
  orgDid,
  RawJson,
} from '@concordat/protocol'
import { type TestMessage, uuidOf } from '../../node/src/aggregator/chain-fixtures.testing.ts'
import { deployForwarder, encodeForward } from '../../node/src/chain/evm/test/forward.testing.ts'
import { call } from '../src/anvil.ts'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { askFor, assertAgree, broadcast, outcomeOf, untilState } from './support/outcome.ts'
import { asAuthor, asStranger, createRogue, lay, nextBatch } from './support/rogue.ts'

const partiesOf = (network: Network): readonly [Party, Party, Party] => {
  const [a, b, c] = network.parties
  assert(a && b && c)
  return [a, b, c]
}

/** Pins a message in a party's name which its node would not send, with the payload in all hands. */
async function pinAs(network: Network, party: Party, message: TestMessage): Promise<void> {
  const batch = nextBatch(await asAuthor(party), [message])
  for (const each of network.parties) await lay(each, batch)
  await createRogue(network).pin(party.key, batch)
}

async function untilBlocked(party: Party, kind: string): Promise<BlockedTopic> {
  let found: BlockedTopic | undefined
  await party.until(async () => {
    const blocked = await party.get<BlockedTopic[]>('blocked')
    found = blocked.find(({ blockedBy }) => blockedBy.kind === kind)
    return found !== undefined
  }, `something is blocked: ${kind}`)
  assert(found)
  return found
}

const SCHEMA = {
  type: 'object',
  required: ['price'],
  properties: { price: { type: 'number' } },
}

tellOnEachDialect(
  { parties: ['a', 'b', 'c'] },
  {
    'data that does not fit its datatype is rejected alike, with the reason': async (network) => {
      const [a] = partiesOf(network)
      await a.post('datatypes?confirm=true', { name: 'offer', version: '1', value: SCHEMA })
      const datatype = { name: 'offer', version: '1' }
      const send = async (name: string, value: string, of = datatype): Promise<string> => {
        const data = [{ value: new RawJson(value), datatype: of }]
        await pinAs(network, a, { id: uuidOf(name), topics: ['offers'], data })
        return uuidOf(name)
      }
      const wrong = await send('wrong', '{"price":"much"}')
      const unknown = await send('unknown', '1', { name: 'offer', version: '2' })
      const right = await send('right', '{"price":1}')
      await untilState(network.parties, right, 'confirmed')
      for (const { rejected, order } of await assertAgree(network.parties)) {
        const reasons = new Map([...rejected].map(([key, why]) => [key.slice(0, 36), why]))
        assert.match(reasons.get(wrong) ?? '', /^FF10198.*price/)
        assert.match(reasons.get(unknown) ?? '', /^FF10199.*offer.*2/)
        assert.deepEqual(order.get('offers all'), [right])
      }
    },

    'a blob that nobody holds is named, and what waits for it goes on when it is found': async (
      network,
    ) => {
      const [a, b] = partiesOf(network)
      const content = Buffer.from('a file that was lost')
      const hash = createHash('sha256').update(content).digest('hex')
      const blob = { hash, size: content.length, name: 'lost.txt', public: hash }
      const id = uuidOf('with a blob')
      await pinAs(network, a, { id, topics: ['files'], data: [{ blob }] })
      const behind = await broadcast(b, { topics: ['files'] })
      const blocked = await untilBlocked(b, 'missing_blob')
      assert.equal(blocked.blockedBy.message, id)
      assert.equal(blocked.blockedBy.author, a.did)
      assert.ok(blocked.blockedBy.detail.includes(hash))
      assert.deepEqual(blocked.actions, ['request_payload', 'rewind'])
      assert.equal((await outcomeOf(b)).order.get('files all'), undefined)
      await a.namespace.data.uploadBlob({}, { content: Readable.from([content]) })
      for (const party of network.parties) await askFor(party, blocked.blockedBy.batch ?? '')
      for (const each of [id, behind]) await untilState(network.parties, each, 'confirmed')
      for (const { order } of await assertAgree(network.parties))
        assert.deepEqual(order.get('files all'), [id, behind])
      for (const party of network.parties) assert.deepEqual(await party.get('blocked'), [])
    },

    'what a stranger’s contract pins holds nobody up': async (network) => {
      const [a, b] = partiesOf(network)
      const { url, accounts } = network.anvil
      const from = accounts[12]?.address ?? ''
      const deployed = String(
        await call(url, 'eth_sendTransaction', [
          { from, data: deployForwarder(), gas: '0x1e8480' },
        ]),
      )
      let contract = ''
      await a.until(async () => {
        const receipt = await call(url, 'eth_getTransactionReceipt', [deployed])
        contract = (receipt as { contractAddress: string }).contractAddress
        return true
      }, 'the stranger’s contract is there')
      const before = await broadcast(a, { topics: ['busy'] })
      await untilState(network.parties, before, 'confirmed')
      const junk = nextBatch(asStranger('forwarder', from), [
        { id: uuidOf('forwarded'), topics: ['busy'] },
      ])
      const { payload, payloadRef, contexts } = junk
      const txId = payload.payload.tx.id ?? ''
      const pin = { txId, batchId: junk.id, batchHash: payload.hash, payloadRef, contexts }
      const data = encodeForward(network.contract, pin)
      await call(url, 'eth_sendTransaction', [{ from, to: contract, data, gas: '0x1e8480' }])
      const after = await broadcast(b, { topics: ['busy'] })
      await untilState(network.parties, after, 'confirmed')
      const [seen] = await b.get<{ hash: string }[]>(`pins?signer=${from.toLowerCase()}`)
      assert.equal(seen?.hash, contexts[0])
      for (const { order } of await assertAgree(network.parties))
        assert.deepEqual(order.get('busy all'), [before, after])
    },

    'a newcomer on whose name a stranger pins what nobody can read joins all the same': async (
      network,
    ) => {
      const key = network.anvil.accounts[11]?.address ?? ''
      const stranger = asStranger('late', key)
      const did = orgDid('late')
      const identity = { id: stranger.id, did, type: 'org', namespace: '', name: 'late' }
      const text = identityClaimJson({
        identity: { ...identity, messages: { claim: null, verification: null, update: null } },
      })
      const junk = nextBatch(stranger, [
        {
          id: uuidOf('claim of another’s name'),
          topics: [identityTopic(did)],
          definition: { tag: 'ff_identity_claim', text },
        },
      ])
      await createRogue(network).pin(key, junk)
      const late = await network.join('late')
      const hello = await broadcast(late, { topics: ['hello'] })
      await untilState([...network.parties, late], hello, 'confirmed')
    },
  },
)
