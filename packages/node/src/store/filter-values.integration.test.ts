import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Json, ProfileSchema } from '@concordat/protocol/process'
import type { Database } from './database.ts'
import { parseFilter } from './filter.ts'
import type { ProcessRow } from './process-schema.ts'
import { fieldsOfProcesses, listProcesses } from './tables/processes.ts'
import { forEachDialect } from './testing.ts'
import { keyOf } from './value-key.ts'

const namespace = 'default'
const CREATED = '2024-01-01T00:00:00.000000000Z'
const decimal = { type: 'string', format: 'decimal' } as const
const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

const process = (n: number): ProcessRow => ({
  seq: n,
  namespace,
  id: uuid(n),
  flow: 'ab'.repeat(32),
  name: 'purchase-order',
  version: '1.0.0',
  groupHash: 'cd'.repeat(32),
  creator: 'did:firefly:org/a',
  message: uuid(100 + n),
  status: 'running',
  reason: null,
  n,
  hash: 'ef'.repeat(32),
  clock: 1_704_067_200 + n,
  nextDue: null,
  view: '{}',
  nextEvent: 1,
  saved: null,
  savedEvent: 1,
  created: CREATED,
  updated: CREATED,
})

interface Held {
  readonly price?: Json
  readonly item?: Json
  readonly urgent?: Json
  readonly offeredBy?: Json
  readonly stage: string
  readonly parties: Readonly<Record<string, readonly string[]>>
}
const schemas: Readonly<Record<string, ProfileSchema>> = { price: decimal }
const parties = { buyer: ['did:a'], seller: ['did:b'] }
const held: readonly Held[] = [
  { price: '9.5', item: 'Bolts', urgent: true, stage: 'offered', parties },
  { price: '10', item: 'nuts', urgent: false, stage: 'agreed', parties },
  { price: '-3', item: '10', offeredBy: 'seller', stage: 'offered', parties },
  { item: 'true', stage: 'draft', parties: { buyer: ['did:b'], bank: ['did:c', 'did:d'] } },
]

async function fill(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.insertMany(
      'processes',
      held.map((_, i) => process(i + 1)),
    )
    const rows = held.flatMap(({ stage, parties: roles, ...state }, i) =>
      [
        { name: 'stage.main', key: keyOf(stage) ?? '' },
        ...Object.entries(roles).flatMap(([role, dids]) =>
          dids.map((did) => ({ name: `party.${role}`, key: keyOf(did) ?? '' })),
        ),
        ...Object.entries(state).map(([field, value]) => ({
          name: `state.${field}`,
          key: keyOf(value, schemas[field]) ?? '',
        })),
      ].map((row) => ({ ...row, namespace, process: uuid(i + 1) })),
    )
    await tx.insertMany('processValues', [
      ...rows,
      // Another namespace's are none of its business.
      { namespace: 'other', process: uuid(1), name: 'state.item', key: 'sSecret' },
    ])
  })
}

forEachDialect((_dialect, create) => {
  describe('what processes hold', () => {
    let database: Database
    before(async () => {
      const place = await create()
      database = await place.open()
      await fill(database)
    })
    after(() => database[Symbol.asyncDispose]())

    const find = async (query: string): Promise<string> => {
      const asked = new URLSearchParams(query)
      const names = [...asked.keys(), ...(asked.get('sort')?.split(',') ?? [])]
      const bare = names.map((name) => name.replace(/^-/, ''))
      const filter = parseFilter(fieldsOfProcesses(namespace, bare), asked)
      const { items } = await listProcesses(database.read, namespace, filter)
      return items.map(({ n }) => n).join('')
    }

    const cases: Readonly<Record<string, string>> = {
      'state.price=>9': '21',
      'state.price=>=10.00': '2',
      'state.price=<10': '31',
      'state.price=10': '2',
      'state.price=010.0': '2',
      'state.price=!10': '31',
      'state.price=?': '4',
      'state.price=!?': '321',
      'state.price=[>=9.5&state.price=[<10': '1',
      'state.price=10&state.price=-3': '32',
      'state.item=10': '3',
      'state.item=true': '4',
      'state.item=Bolts': '1',
      'state.item=:bolts': '1',
      'state.item=@ut': '2',
      'state.item=^B': '1',
      'state.item=$ts': '21',
      'state.item=>Bolts': '42',
      'state.item=Secret': '',
      'state.urgent=true': '1',
      'state.urgent=!true': '2',
      'state.offeredBy=seller': '3',
      'state.offeredby=seller': '',
      'stage.main=offered': '31',
      'stage.main=!offered': '42',
      'stage.main=^agr': '2',
      'party.buyer=did:b': '4',
      'party=did:b': '4321',
      'party=did:d': '4',
      'party=!did:b': '',
      'party.bank=@:d&state.item=true': '4',
      'n=>1&stage.main=offered': '3',
      'sort=state.price': '4312',
      'sort=-state.price,id': '2134',
    }
    for (const [query, expected] of Object.entries(cases))
      test(query, async () => assert.equal(await find(query), expected))

    test('what makes no sense has a code', async () => {
      await assert.rejects(find('state.price=!>1'), { code: 'FF00193' })
      await assert.rejects(find('state.price=%00'), { code: 'FF00143' })
    })
  })
})
