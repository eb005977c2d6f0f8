import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createPorts } from '../ports.ts'
import { startPace } from './pace.ts'
import { callOne, headOf, readBlock } from './rpc.ts'
import { type ChainOptions, type RunningChain, runChain } from './run-chain.ts'

const mnemonic = 'test test test test test test test test test test test junk'

async function newOptions(blockTime?: number): Promise<ChainOptions> {
  const dir = mkdtempSync(join(tmpdir(), 'chain-'))
  const port = await createPorts([]).choose()
  return {
    dir,
    port,
    mnemonic,
    accounts: 3,
    genesisTime: 1_790_000_000,
    ...(blockTime !== undefined && { blockTime }),
  }
}

async function pay({ facts }: RunningChain, value: number): Promise<void> {
  const [from, to] = facts.accounts.map(({ address }) => address)
  await callOne(facts.url, 'eth_sendTransaction', [{ from, to, value: `0x${value.toString(16)}` }])
}

/** Waits for a fact, asking again and again; gives up after ten seconds. */
async function until(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  const limit = Date.now() + 10_000
  while (!(await isTrue())) {
    assert.ok(Date.now() < limit, 'waited in vain')
    await delay(10)
  }
}

/** The hash of a block, once the keeper has logged it. */
async function logged(
  { facts }: RunningChain,
  { dir }: ChainOptions,
  number: number,
): Promise<string> {
  await until(async () => (await headOf(facts.url)) >= number)
  const hash = (await readBlock(facts.url, number))?.hash ?? ''
  await until(() => readFileSync(join(dir, 'blocks.jsonl'), 'utf8').includes(hash))
  return hash
}

async function killHard({ facts, exited }: RunningChain): Promise<void> {
  process.kill(facts.pid, 'SIGKILL')
  await exited
}

test('a chain that was stopped goes on where it was', async () => {
  const options = await newOptions()
  let hash: string
  {
    await using chain = await runChain(options)
    await pay(chain, 1)
    hash = await logged(chain, options, 1)
  }
  await using again = await runChain(options)
  assert.equal(again.facts.head, 1)
  assert.equal(again.facts.replayed, 0)
  assert.equal((await readBlock(again.facts.url, 1))?.hash, hash)
})

test('a chain that was killed hard has every block again, with the same hash, twice over', async () => {
  const options = await newOptions()
  let blocks = 0
  for (let round = 0; round < 3; round++) {
    const chain = await runChain(options)
    assert.equal(chain.facts.head, blocks)
    assert.equal(chain.facts.lostFrom, undefined)
    for (let i = 1; i <= 5; i++) {
      await pay(chain, i)
      await logged(chain, options, ++blocks)
    }
    const hash = await logged(chain, options, blocks)
    await killHard(chain)
    const again = await runChain(options)
    assert.equal((await readBlock(again.facts.url, blocks))?.hash, hash)
    await killHard(again)
  }
})

test('a saved state cut short by the crash is replaced by the one before it', async () => {
  const options = await newOptions()
  const chain = await runChain(options)
  await pay(chain, 1)
  const hash = await logged(chain, options, 1)
  await killHard(chain)
  writeFileSync(join(options.dir, 'state.json'), '{"block":{"num')
  await using again = await runChain(options)
  assert.equal(again.facts.replayed, 1)
  assert.equal((await readBlock(again.facts.url, 1))?.hash, hash)
})

test('a block that cannot be made again is told', async () => {
  const options = await newOptions()
  const chain = await runChain(options)
  await pay(chain, 1)
  await logged(chain, options, 1)
  await pay(chain, 2)
  await logged(chain, options, 2)
  await killHard(chain)
  const file = join(options.dir, 'blocks.jsonl')
  const [first = '', second = ''] = readFileSync(file, 'utf8').split('\n')
  rmSync(join(options.dir, 'state.json'), { force: true })
  writeFileSync(file, `${first.replace(/"timestamp":\d+/, '"timestamp":4000000000')}\n${second}\n`)
  await using again = await runChain(options)
  assert.equal(again.facts.lostFrom, 1)
})

test('blocks come at their pace where one is asked for', async () => {
  const options = await newOptions(1)
  await using chain = await runChain(options)
  const before = await headOf(chain.facts.url)
  await pay(chain, 1)
  assert.equal(await headOf(chain.facts.url), before)
  await until(async () => (await headOf(chain.facts.url)) > before)
})

test('blocks without transactions are few', async () => {
  await using chain = await runChain(await newOptions())
  const { url } = chain.facts
  await callOne(url, 'evm_setAutomine', [false])
  using pace = startPace(url, 20, 400)
  await pay(chain, 1)
  await until(async () => (await headOf(url)) >= 1)
  const began = performance.now()
  await until(async () => (await headOf(url)) >= 3)
  assert.ok(performance.now() - began > 700)
  assert.ok(pace)
})
