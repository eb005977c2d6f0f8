import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryLedger, type MemoryLedger } from './ledger.ts'

const keys = ['0xa', '0xb', '0xc']

/** A world that stands still and whose chance follows from a seed. */
function seededLedger(seed: number): MemoryLedger {
  let state = seed
  const draw = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state >>> 16
  }
  const world = {
    now: () => 1_700_000_000_000,
    sleep: async () => {},
    random: (length: number) => Uint8Array.from({ length }, draw),
  }
  return createMemoryLedger({ world, blockTimeMs: 'manual', reorder: true, maxPerBlock: 4 })
}

function play(seed: number): string[] {
  const ledger = seededLedger(seed)
  const { address: contract } = ledger.deploy(0)
  for (let nonce = 0; nonce < 5; nonce++) {
    for (const key of keys) {
      const hash = `0x${key}${nonce}`
      ledger.send({ hash, key, nonce, contract, call: { method: 'junk' } })
    }
  }
  ledger.mine(2)
  ledger.reorganise(1, ({ key }) => key === '0xa')
  ledger.mine(5)
  return ledger.blocks.map(
    ({ hash, transactions }) => `${hash} ${transactions.map((one) => one.hash).join()}`,
  )
}

test('the same seed makes the same chain, another seed another', () => {
  assert.deepEqual(play(7), play(7))
  assert.notDeepEqual(play(7), play(8))
})

test('whatever the order across keys, each key’s own order is kept and nothing is lost', () => {
  for (let seed = 1; seed < 30; seed++) {
    const mined = play(seed)
      .flatMap((line) => (line.split(' ')[1] ?? '').split(','))
      .filter(Boolean)
    assert.equal(mined.length, 15)
    for (const key of keys) {
      const own = mined.filter((hash) => hash.startsWith(`0x${key}`))
      assert.deepEqual(own, own.toSorted())
    }
  }
})

test('a nonce that is used, or taken by what waits, is refused', () => {
  const ledger = seededLedger(1)
  const { address: contract } = ledger.deploy(0)
  const call = { method: 'junk' } as const
  const send = (hash: string, nonce: number) =>
    ledger.send({ hash, key: '0xa', nonce, contract, call })
  assert.deepEqual(
    [send('0x1', 0), send('0x1', 0), send('0x2', 0)],
    ['accepted', 'known', 'nonceTooLow'],
  )
  ledger.mine()
  assert.deepEqual(
    [send('0x1', 0), send('0x2', 0), send('0x2', 1)],
    ['known', 'nonceTooLow', 'accepted'],
  )
})
