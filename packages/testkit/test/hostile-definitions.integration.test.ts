import assert from 'node:assert/strict'
import { broadcastContext, jsonAnyText, RawJson, sha256Hex } from '@concordat/protocol'
import {
  canonicalJson,
  type JsonMap,
  parseStrict,
  processTags,
  templates,
} from '@concordat/protocol/process'
import { loadYaml } from '@concordat/protocol/process/yaml'
import { uuidOf } from '../../node/src/aggregator/chain-fixtures.testing.ts'
import type { Network } from '../src/network.ts'
import type { Party } from '../src/party.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { untilState } from './support/outcome.ts'
import { act, agree, assertSameDecisions, begin, wait } from './support/processes.ts'
import { asStranger, createRogue, nextBatch } from './support/rogue.ts'

const partiesOf = (network: Network) => {
  const [buyer, seller, third] = network.parties
  assert(buyer && seller && third)
  return { buyer, seller, third, both: [buyer, seller] }
}

const terms = { item: 'bolts', qty: 100, price: '12.50', currency: 'EUR' }

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
  },
)

const flowsAt = (party: Party) =>
  party.namespace.database.read
    .selectFrom('flows')
    .select(['hash', 'outcome', 'name', 'version', 'title'])
    .orderBy('hash')
    .execute()
