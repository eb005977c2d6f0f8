import assert from 'node:assert/strict'
import { broadcastContext, jsonAnyText, RawJson, sha256Hex } from '@concordat/protocol'
import {
  canonicalJson,
  instanceTopic,
  type JsonMap,
  parseStrict,
  processTags,
  templates,
  writeCreation,
  writePlainStep,
  writeTick,
} from '@concordat/protocol/process'
import { loadYaml } from '@concordat/protocol/process/yaml'
import { uuidOf } from '../../node/src/aggregator/chain-fixtures.testing.ts'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { untilState } from './support/outcome.ts'
import {
  act,
  agree,
  assertSameDecisions,
  begin,
  historyAt,
  processAt,
  stagesAt,
  submit,
  untilDecided,
  wait,
} from './support/processes.ts'
import { asStranger, createRogue, nextBatch } from './support/rogue.ts'

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

const tell = async (from: Party, value: string): Promise<string> => {
  const { header } = await from.namespace.messages.broadcast(
    {
      header: { tag: processTags.definition, topics: ['ffp-flows'] },
      data: [{ value: new RawJson(jsonAnyText(value)) }],
    },
    wait(false),
  )
  return header.id
}

const sound = (): JsonMap => {
  const { document } = loadYaml(templates['purchase-order'])
  return parseStrict(JSON.stringify(document)) as JsonMap
}

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

/** Definitions that are none, as texts of their messages' values. */
const hostileDefinitions: Readonly<Record<string, (document: string) => string>> = {
  'with a prototype’s name': (text) => text.replace('"item":', '"__proto__":{"schema":{}},"item":'),
  'with NUL in its name': (text) => text.replace('"purchase-order"', '"purchase\\u0000order"'),
  'with a very long name': (text) =>
    text.replace(
      '"purchase-order"',
      JSON.stringify(Array.from({ length: 3000 }, (_, i) => sha256Hex(`${i}`)).join('')),
    ),
  'with NUL in its version': (text) => text.replace('"1.0.0"', '"1.\\u0000"'),
  'with NUL in its title': (text) => text.replace('"Purchase order', '"\\u0000Purchase order'),
  'that nests a hundred lists in each other': (text) =>
    text.replace('"title":"Purchase', `"junk":${nested(100)},"title":"Purchase`),
  'with a schema that explodes': (text) =>
    text.replace('"item":{"schema":{"type":"string"}}', `"item":{"schema":${bomb(12)}}`),
  'with a pattern that takes for ever': (text) =>
    text.replace('"maxLength":80', '"maxLength":80,"pattern":"^(a+)+$"'),
  'with a rule of a hundred thousand signs': (text) =>
    text.replace('"input.price > 0"', JSON.stringify(`${'1+'.repeat(50_000)}1 > 0`)),
  'with ten thousand stages': (text) =>
    text.replace(
      '"values":["draft"',
      `"values":[${Array.from({ length: 10_000 }, (_, i) => `"s${i}"`).join(',')},"draft"`,
    ),
  'that is a list': () => '[]',
  'that is a number': () => '1.5',
  'that is not the one there is': () => '{}',
}

const bomb = (depth: number): string =>
  depth === 0
    ? '{"type":"string"}'
    : `{"type":"object","properties":{"a":${bomb(depth - 1)},"b":${bomb(depth - 1)}}}`

tellOnEachDialect(
  { parties: ['a', 'b', 'c'] },
  {
    'hostile definitions hold nobody up, and nobody can use them': async (network) => {
      const { buyer, seller, third, both } = partiesOf(network)
      const flow = await agree(both, 'purchase-order')
      const text = canonicalJson(sound())
      const ids: string[] = []
      for (const spoil of Object.values(hostileDefinitions))
        ids.push(await tell(third, `{"definition":${spoil(text)},"ffp":"def/1"}`))
      for (const id of ids) await untilState(network.parties, id, 'confirmed')
      const lists = await Promise.all(network.parties.map(flowsAt))
      for (const list of lists) assert.deepEqual(list, lists[0])
      const sane = lists[0]?.filter(({ outcome }) => outcome === 'loaded')
      assert.deepEqual(
        sane?.map(({ hash }) => hash),
        [flow],
      )
      const id = await begin(buyer, flow, { buyer, seller })
      await act(both, buyer, id, 'propose', terms)
    },

    'a definition that a stranger pins without telling it keeps no instance from being created':
      async (network) => {
        const { buyer, seller, both } = partiesOf(network)
        const flow = await agree(both, 'purchase-order')
        const stranger = asStranger('x', network.anvil.accounts[15]?.address ?? '')
        const junk = nextBatch(stranger, [{ id: uuidOf('untold'), topics: ['ffp-flows'] }])
        await createRogue(network).pin(stranger.key, junk, {
          contexts: [broadcastContext('ffp-flows')],
        })
        const id = await begin(buyer, flow, { buyer, seller })
        await act(both, buyer, id, 'propose', terms)
        await assertSameDecisions(both, id)
      },

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

const flowsAt = (party: Party) =>
  party.namespace.database.read
    .selectFrom('flows')
    .select(['hash', 'outcome', 'name', 'version', 'title'])
    .orderBy('hash')
    .execute()
