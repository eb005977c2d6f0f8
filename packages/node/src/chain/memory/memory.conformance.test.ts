import { createSystemWorld } from '../../lib/world.ts'
import { chainConformance, type Site } from '../chain.conformance.ts'
import { createMemoryAdapter } from './index.ts'
import { createMemoryLedger } from './ledger.ts'

const keys = [`0x${'ab'.repeat(20)}`, `0x${'cd'.repeat(20)}`] as const

async function start(): Promise<Site> {
  const ledger = createMemoryLedger({
    world: createSystemWorld(),
    blockTimeMs: 'manual',
    reorder: true,
    maxPerBlock: 7,
  })
  const { address: contract } = ledger.deploy(2)
  const { address: guarded } = ledger.deploy(0, [keys[0]])
  const { address: junkyard } = ledger.deploy(0)
  return {
    contract,
    guarded,
    junkyard,
    keys,
    open: (deps) => createMemoryAdapter(ledger).create({ keys }, deps),
    mine: async (blocks) => ledger.mine(blocks),
    reorganise: async (depth) => ledger.reorganise(depth),
    emitJunk: async () => {
      const key = `0x${'ee'.repeat(20)}`
      ledger.send({ hash: '0xjunk', key, nonce: 0, contract: junkyard, call: { method: 'junk' } })
      ledger.mine()
    },
    lose: async (blocks) => ledger.lose(blocks),
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose](),
  }
}

chainConformance('memory', start)
