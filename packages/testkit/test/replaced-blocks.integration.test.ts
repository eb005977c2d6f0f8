import assert from 'node:assert/strict'
import { after } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { call } from '../src/anvil.ts'
import { tellOnEachDialect } from './support/dialects.ts'
import { assertAgree, broadcast, outcomeOf, sendPrivate, untilState } from './support/outcome.ts'

/** Blocks come of themselves, unless told otherwise: without them nothing gets deep enough. */
const miner = { url: '', works: true, ends: false }
const mining = (async () => {
  while (!miner.ends) {
    if (miner.works && miner.url !== '')
      await call(miner.url, 'anvil_mine', ['0x1']).catch(() => {})
    await delay(50)
  }
})()
after(async () => {
  miner.ends = true
  await mining
})

tellOnEachDialect(
  {
    parties: ['a', 'b', 'c'],
    confirmations: 3,
    configure(yaml, _party, chain) {
      miner.url = chain.url
      return yaml
    },
  },
  {
    'blocks that are replaced before they are deep enough leave no trace, and nothing is lost':
      async ({ anvil, parties }) => {
        const [a, b, c] = parties
        assert(a && b && c)
        const secret = await sendPrivate(b, [a, b], { topics: ['before'] })
        const ids = [secret, await broadcast(a, { topics: ['before'] })]
        miner.works = false
        const height = Number(await call(anvil.url, 'eth_blockNumber', []))
        ids.push(
          await broadcast(a, { topics: ['replaced'] }),
          await broadcast(b, { topics: ['replaced'] }),
          await sendPrivate(b, [a, b, c], { topics: ['replaced'] }),
        )
        await a.until(
          async () => Number(await call(anvil.url, 'eth_blockNumber', [])) > height + 1,
          'they are in blocks',
        )
        for (const { order } of await Promise.all(parties.map(outcomeOf)))
          assert.equal(order.has('replaced all'), false)
        await call(anvil.url, 'anvil_reorg', [2, []])
        miner.works = true
        for (const id of ids) await untilState(id === secret ? [a, b] : parties, id, 'confirmed')
        await assertAgree(parties)
        for (const party of parties) assert.equal(party.namespace.state.kind, 'ready')
      },
  },
)
