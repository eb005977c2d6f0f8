import assert from 'node:assert/strict'
import { type BatchData, jsonAnyText, RawJson, transportWrapperJson } from '@concordat/protocol'
import {
  instanceTopic,
  processTags,
  writeCreation,
  writePlainStep,
  writeTick,
} from '@concordat/protocol/process'
import { loadYaml } from '@concordat/protocol/process/yaml'
import {
  type TestBatch,
  testBatch,
  uuidOf,
} from '../../node/src/aggregator/chain-fixtures.testing.ts'
import { readWrapper } from '../../node/src/aggregator/receiver.ts'
import { rowToGroup } from '../../node/src/store/tables/groups.ts'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { pendingTransactions } from './support/mempool.ts'
import { untilState } from './support/outcome.ts'
import {
  act,
  agree,
  assertSameDecisions,
  begin,
  historyAt,
  inOneBlock,
  processAt,
  stagesAt,
  submit,
  untilDecided,
  wait,
} from './support/processes.ts'
import { asAuthor, createRogue } from './support/rogue.ts'

const partiesOf = (network: Network) => {
  const [buyer, seller, third] = network.parties
  assert(buyer && seller && third)
  return { buyer, seller, third, both: [buyer, seller] }
}

const terms = { item: 'bolts', qty: 100, price: '12.50', currency: 'EUR' }

/** Sends whatever it is to a group, as any FireFly client can. */
const send = async (
  from: Party,
  to: readonly Party[],
  instance: string,
  values: readonly string[],
  tag: string = processTags.step,
): Promise<string> => {
  const { header } = await from.namespace.messages.sendPrivate(
    {
      header: { tag, topics: [instanceTopic(instance)] },
      group: { members: to.map(({ name }) => ({ identity: name })) },
      data: values.map((value) => ({ value: new RawJson(jsonAnyText(value)) })),
    },
    wait(false),
  )
  return header.id
}

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

tellOnEachDialect(
  { parties: ['a', 'b', 'c'] },
  {
    'hostile steps get the same verdict everywhere, and what is right goes on': async (network) => {
      const { buyer, seller, both } = partiesOf(network)
      const flow = await agree(both, 'purchase-order')
      const id = await begin(buyer, flow, { buyer, seller })
      await act(both, buyer, id, 'propose', terms)
      const other = await begin(buyer, flow, { buyer, seller })
      const claim = {
        instance: id,
        definition: flow,
        step: 'accept',
        role: 'seller',
        intent: 'i',
      }
      const input = { round: 1 }
      const cases: readonly (readonly [readonly string[], string])[] = [
        [writePlainStep({ ...claim, intent: 'as buyer', role: 'buyer' }, input), 'NOT_AUTHORISED'],
        [writePlainStep({ ...claim, intent: 'of other', instance: other }, input), 'MALFORMED'],
        [
          writePlainStep({ ...claim, intent: 'not this', definition: 'ab'.repeat(32) }, input),
          'WRONG_EPOCH',
        ],
        [writePlainStep({ ...claim, intent: 'x', step: 'toString' }, input), 'UNKNOWN_STEP'],
        [writePlainStep({ ...claim, intent: 'y' }, { round: 'one' }), 'INPUT_SCHEMA'],
        [writePlainStep({ ...claim, intent: 'z' }, {}), 'INPUT_SCHEMA'],
        [
          writePlainStep({ ...claim, intent: 'n' }, { round: 1, note: 'x'.repeat(10_000_000) }),
          'MALFORMED',
        ],
        [['{"ffp":"step/1"}'], 'MALFORMED'],
        [['null'], 'MALFORMED'],
        [['1e400'], 'MALFORMED'],
        [['"\\ud800"'], 'MALFORMED'],
        [[nested(10_000)], 'MALFORMED'],
        [[`{"__proto__":${nested(3)},"ffp":"step/1"}`], 'MALFORMED'],
        [[...writePlainStep({ ...claim, intent: 'two' }, input), '1'], 'MALFORMED'],
        [writePlainStep({ ...claim, intent: 'last' }, { round: 2 }), 'OFFER_CHANGED'],
        [writePlainStep({ ...claim, intent: 'last' }, input), 'DUPLICATE'],
      ]
      for (const [values] of cases) await send(seller, both, id, values).catch(() => undefined)
      const accepted = await send(seller, both, id, writePlainStep(claim, input))
      await untilState(both, accepted, 'confirmed')
      await untilDecided(both, id, 2)
      await both[0]?.until(
        async () => (await stagesAt(buyer, id)).main === 'agreed',
        'it is agreed on',
      )
      await assertSameDecisions(both, id)
      const codes = (await historyAt(buyer, id)).slice(1)
      assert.equal(codes.at(-1), 'accepted accept')
      for (const [, code] of cases)
        assert.ok(
          codes.some((entry) => entry.endsWith(code)),
          code,
        )
    },

    'other tags on an instance’s topic are nobody’s step': async (network) => {
      const { buyer, seller, both } = partiesOf(network)
      const flow = await agree(both, 'purchase-order')
      const id = await begin(buyer, flow, { buyer, seller })
      const values = writePlainStep(
        { instance: id, definition: flow, step: 'propose', role: 'buyer', intent: 'i' },
        terms,
      )
      for (const tag of ['chat', 'ffp.open', 'FFP.STEP']) await send(buyer, both, id, values, tag)
      const last = await send(buyer, both, id, [writeTick(id)], processTags.tick)
      await untilState(both, last, 'confirmed')
      await untilDecided(both, id, 1)
      await assertSameDecisions(both, id)
      assert.deepEqual(await historyAt(seller, id), ['accepted $tick'])
    },

    'who has a part in an instance can not act on it in another group': async (network) => {
      const { buyer, seller, third } = partiesOf(network)
      const all = network.parties
      const flow = await agree(all, { yaml: board })
      const id = await begin(buyer, flow, { member: all })
      const vote = (intent: string) =>
        writePlainStep({ instance: id, definition: flow, step: 'vote', role: 'member', intent }, {})
      const aside = await send(third, [third, seller], id, vote('aside'))
      await untilState([third, seller], aside, 'confirmed')
      await act(all, buyer, id, 'vote')
      await assertSameDecisions(all, id)
      for (const party of all) assert.deepEqual(await historyAt(party, id), ['accepted vote'])
    },

    'an instance of the same name in another group, made first, takes nobody’s place': async (
      network,
    ) => {
      const { buyer, seller, third } = partiesOf(network)
      const all = network.parties
      const flow = await agree(all, { yaml: board })
      const id = uuidOf(`one name ${network.contract} ${all.length}`)
      const dids = (of: readonly Party[]) => ({ member: of.map(({ did }) => did).sort() })
      const decoy = await send(
        third,
        [third, seller],
        id,
        [writeCreation({ instance: id, definition: flow, parties: dids([third, seller]) })],
        processTags.creation,
      )
      await untilState([third, seller], decoy, 'confirmed')
      await seller.until(
        async () => (await processAt(seller, id)) !== undefined,
        'there is a decoy',
      )
      await buyer.namespace.processes.create(
        { id, flow, parties: { member: all.map(({ name }) => name) } },
        wait(),
      )
      await submit(buyer, id, 'vote')
      const real = await processAt(buyer, id)
      assert(real)
      for (const party of all)
        await party.until(async () => {
          const rows = await party.namespace.database.read
            .selectFrom('processes')
            .selectAll()
            .where('groupHash', '=', real.groupHash)
            .execute()
          return rows.some(({ hash }) => hash === (real.hash ?? ''))
        }, 'the real one is there')
      const decoyHere = await processAt(seller, id)
      assert.equal(decoyHere?.n, 0)
    },

    'a step that comes to each member in another wrapping is the same step to all': async (
      network,
    ) => {
      const { buyer, third } = partiesOf(network)
      const all = network.parties
      const flow = await agree(all, { yaml: board })
      const id = await begin(buyer, flow, { member: all })
      const batch = await writeBatch(third, id, flow)
      const other = { ...batch.payload.payload, data: batch.payload.payload.data.map(rewrap) }
      const wrapped = transportWrapperJson({ batch: { ...batch.payload, payload: other } })
      for (const party of all)
        await deliver(party, batch, party === buyer ? batch.content : Buffer.from(wrapped))
      await createRogue(network).pin(third.key, batch)
      await untilDecided(all, id, 1)
      await act(all, buyer, id, 'vote')
      await assertSameDecisions(all, id)
      assert.deepEqual(await historyAt(buyer, id), ['accepted vote', 'accepted vote'])
    },

    'a copy of a step’s pin, made first by others, is no step and holds nobody up': async (
      network,
    ) => {
      const { buyer, seller, third } = partiesOf(network)
      const all = network.parties
      const flow = await agree(all, { yaml: board })
      const id = await begin(buyer, flow, { member: all })
      const batch = await writeBatch(third, id, flow)
      const rogue = createRogue(network)
      await rogue.pin(network.anvil.accounts[14]?.address ?? '', batch)
      await rogue.pin(seller.key, batch)
      await act(all, buyer, id, 'vote')
      for (const party of all) await deliver(party, batch, batch.content)
      await rogue.pin(third.key, batch)
      await rogue.pin(third.key, batch)
      await untilDecided(all, id, 2)
      await act(all, buyer, id, 'vote')
      await assertSameDecisions(all, id)
      assert.deepEqual(await historyAt(third, id), Array(3).fill('accepted vote'))
    },

    'of two creations the first counts, even if its definition is told last': async (network) => {
      const { buyer, seller, both } = partiesOf(network)
      const known = await agree(both, { yaml: board })
      const late = board.replace('name: board', 'name: late-board').replace('standing', 'each')
      const { document, result } = loadYaml(late)
      const hash = result.definition?.hash ?? ''
      const id = uuidOf(`created twice ${network.contract}`)
      const parties = { member: both.map(({ did }) => did).sort() }
      const create = (author: Party, definition: string) => {
        const values = [writeCreation({ instance: id, definition, parties })]
        return send(author, both, id, values, processTags.creation)
      }
      const sent: string[] = []
      await inOneBlock(network, async () => {
        sent.push(await create(buyer, hash))
        await pendingTransactions(network, 1)
        sent.push(await create(seller, known))
        await pendingTransactions(network, 2)
      })
      for (const message of sent) await untilState(both, message, 'confirmed')
      for (const party of both) assert.equal((await processAt(party, id))?.status, 'waiting')
      await seller.namespace.processes.propose({ definition: document }, wait())
      for (const party of both)
        await party.until(
          async () => (await processAt(party, id))?.status === 'open',
          'the first is taken',
        )
      for (const party of both) assert.equal((await processAt(party, id))?.flow, hash)
      await act(both, seller, id, '$join')
      await assertSameDecisions(both, id)
    },

    'a creation that is refused does not use up the name': async (network) => {
      const { buyer, seller, both } = partiesOf(network)
      const flow = await agree(both, 'purchase-order')
      const id = uuidOf(`refused first ${network.contract}`)
      const parties = { buyer: [seller.did], somebody: [buyer.did] }
      const bad = await send(
        seller,
        both,
        id,
        [writeCreation({ instance: id, definition: flow, parties })],
        processTags.creation,
      )
      await untilState(both, bad, 'confirmed')
      const good = await send(
        buyer,
        both,
        id,
        [
          writeCreation({
            instance: id,
            definition: flow,
            parties: { buyer: [buyer.did], seller: [seller.did] },
          }),
        ],
        processTags.creation,
      )
      await untilState(both, good, 'confirmed')
      await buyer.until(
        async () => (await processAt(buyer, id))?.status === 'running',
        'the second is taken',
      )
      await act(both, buyer, id, 'propose', terms)
      await assertSameDecisions(both, id)
    },
  },
)

/** A member's first batch on an instance, with one step, as another program than its node would make it. */
async function writeBatch(author: Party, process: string, flow: string): Promise<TestBatch> {
  const row = await processAt(author, process)
  const group = await author.namespace.database.read
    .selectFrom('groups')
    .selectAll()
    .where('hash', '=', row?.groupHash ?? '')
    .executeTakeFirstOrThrow()
  const claim = { instance: process, definition: flow, step: 'vote', role: 'member', intent: 'i' }
  const [step = ''] = writePlainStep(claim, {})
  const message = {
    id: uuidOf(`vote on ${process}`),
    topics: [instanceTopic(process)],
    header: { tag: processTags.step },
    data: [{ value: new RawJson(jsonAnyText(step)) }],
  }
  const id = uuidOf(`batch on ${process}`)
  return testBatch(id, await asAuthor(author), rowToGroup(group), [message])
}

/** What no hash covers is changed. */
const rewrap = (item: BatchData): BatchData => ({
  ...item,
  created: '2001-01-01T00:00:00Z',
  validator: 'none',
  datatype: { name: 'nothing', version: '1' },
})

async function deliver(to: Party, { author }: TestBatch, content: Uint8Array): Promise<void> {
  const wrapper = readWrapper(content)
  assert(wrapper)
  const verdict = await to.namespace.receiver.receive(author.peer, wrapper, content)
  assert.equal(verdict, 'accepted')
}

/** Anybody may vote, for ever. */
const board = `flow: flow/1
govern: { consent: standing, clock: block }
name: board
version: 1.0.0
roles: { member: { many: true } }
state: { votes: { schema: { type: integer }, default: 0 } }
stages: { main: { initial: open, values: [ open, over ], final: [ over ] } }
steps:
  vote: { by: [ member ], in: { main: open }, do: [ { set: votes, to: state.votes + 1 } ] }
  close: { by: [ member ], in: { main: open }, to: { main: over } }
`
