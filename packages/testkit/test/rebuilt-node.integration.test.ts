import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachDialect } from '../../node/src/store/testing.ts'
import { startNetwork } from '../src/network.ts'
import {
  act,
  agree,
  assertSameDecisions,
  begin,
  processAt,
  stagesAt,
  submit,
  untilDecided,
} from './support/processes.ts'

const terms = { item: 'bolts', qty: 100, price: '12.50', currency: 'EUR' }

forEachDialect((dialect, create) => {
  test('a node that lost its database decides again what it had decided, and goes on', async () => {
    const places = new Map<string, string>()
    const placeOf = async (party: string): Promise<void> => {
      places.set(party, dialect === 'sqlite' ? 'fresh' : (await create()).place)
    }
    if (dialect === 'postgres') for (const party of ['a', 'b', 'c']) await placeOf(party)
    await using network = await startNetwork({
      parties: ['a', 'b', 'c'],
      databaseUrl: async (party) => places.get(party) ?? 'sqlite',
      configure(yaml, party) {
        const place = places.get(party)
        if (place === undefined) return yaml
        const database =
          dialect === 'sqlite'
            ? { name: 'database0', type: 'sqlite3', sqlite3: { url: `data/${place}.db` } }
            : { name: 'database0', type: 'postgres', postgres: { url: place } }
        return { ...yaml, plugins: { ...yaml.plugins, database: [database] } }
      },
    })
    const [buyer, seller, other] = [network.party('a'), network.party('b'), network.party('c')]
    const both = [buyer, seller]
    const flow = await agree(both, 'purchase-order')
    const ids: string[] = []
    for (let i = 0; i < 3; i++) ids.push(await begin(buyer, flow, { buyer, seller }))
    const [agreed = '', refused = '', open = ''] = ids
    for (const id of ids) await act(both, buyer, id, 'propose', terms)
    await act(both, seller, agreed, 'counter', { price: '13' })
    await act(both, buyer, agreed, 'accept', { round: 2 })
    await act(both, buyer, refused, 'withdraw')
    const before = await Promise.all(ids.map((id) => processAt(seller, id)))

    await seller.stop()
    await placeOf('b')
    await seller.start()

    for (const row of before) {
      assert(row)
      await untilDecided([seller], row.id, row.n)
      assert.equal((await processAt(seller, row.id))?.hash, row.hash)
      await assertSameDecisions(both, row.id)
    }
    assert.deepEqual(await stagesAt(seller, agreed), { main: 'agreed' })
    await act(both, seller, agreed, 'deliver', { qty: 100 })
    await act(both, seller, open, 'accept', { round: 1 })
    assert.equal((await submit(buyer, refused, 'accept', { round: 1 })).decision?.code, 'CLOSED')
    for (const id of ids) await assertSameDecisions(both, id)
    assert.equal(await processAt(other, open), undefined)
  })
})
